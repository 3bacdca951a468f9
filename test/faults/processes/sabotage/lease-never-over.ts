// Loaded before a replica by a test that must see it fail: memory answers however long ago it last heard of changes.
import { Lease } from "@portcullis/coherence";

Lease.prototype.isLive = () => true;
