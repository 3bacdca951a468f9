import { describe, expect, test } from "vitest";
import { hunt } from "./hunt.ts";
import { loadMutant } from "./load-mutant.ts";
import { mutations } from "./mutations.ts";

describe("the simulation finds out when this is taken out of the protocol", () => {
  test.each(mutations)("$name", { timeout: 300_000 }, async (mutation) => {
    expect(await hunt(mutation, 500)).toBeDefined();
  });
});

test("a mutation of a line that is not there is no mutation", async () => {
  await expect(loadMutant([{ file: "lease.ts", line: "return true;", becomes: "" }])).rejects.toThrow(
    "0 lines",
  );
});
