// Loaded before a replica by a test that must see it fail: receipts are given out right after the commit.
import { Settler } from "@portcullis/coherence";

Settler.prototype.settle = async ({ at }) => ({
  at,
  effectiveWallMs: Date.now(),
  method: "acknowledged",
  verifiers: [],
  sessionsClosed: 0,
});
