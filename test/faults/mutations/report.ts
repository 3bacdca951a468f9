import { hunt } from "./hunt.ts";
import { mutations } from "./mutations.ts";

/** Which mutation is found by which seed, as a table: `node test/faults/mutations/report.ts`, from seed 1 on. */
console.log("| taken out | seeds tried | found by |\n|---|---|---|");
for (const mutation of mutations) {
  const caught = await hunt({ ...mutation, seed: 1 }, 2_000);
  console.log(`| ${mutation.name} | ${caught?.seed ?? "2000"} | ${caught?.violation.check ?? "nothing"} |`);
}
