// Loaded before a replica by a test: it dies between the commit and the push of the first change that is asked for
// once the file named by DIE_AT exists.
import { existsSync } from "node:fs";
import { Settler } from "@portcullis/coherence";

const settle = Settler.prototype.settle;
Settler.prototype.settle = function (...args) {
  if (existsSync(process.env["DIE_AT"] ?? "")) process.kill(process.pid, "SIGKILL");
  return settle.apply(this, args);
};
