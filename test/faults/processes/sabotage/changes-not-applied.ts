// Loaded before a replica by a test that must see it fail: changes are acknowledged, and forgotten.
import { ScopeTable } from "@portcullis/coherence";

ScopeTable.prototype.touch = () => {};
