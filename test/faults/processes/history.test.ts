import { expect, test } from "vitest";
import { History } from "./history.ts";

type Step =
  | readonly ["starts", "take" | "give", number]
  | readonly ["done", "take" | "give", number, number, "ok" | "unknown"]
  | readonly ["verify", number, number, "valid" | "refused" | "unavailable"];

function check(...steps: readonly Step[]) {
  const history = new History();
  const common = { subject: "s", by: "r1" };
  for (const step of steps) {
    if (step[0] === "starts") history.changeStarts("s", step[2], step[1]);
    if (step[0] === "done") {
      history.changed({ ...common, kind: step[1], startMs: 0, endMs: step[3], outcome: step[4] }, step[2]);
    }
    if (step[0] === "verify") {
      const [, startMs, endMs, outcome] = step;
      history.verified({ ...common, kind: "verify", startMs, endMs, outcome, source: "rpc" });
    }
  }
  return [history.staleAccepts, history.staleRefusals];
}

const taken: readonly Step[] = [
  ["starts", "take", 1],
  ["done", "take", 1, 10, "ok"],
];

test("valid after the receipt is wrong; before it, or beside it, it is not", () => {
  expect(check(...taken, ["verify", 11, 12, "valid"])).toEqual([1, 0]);
  expect(check(...taken, ["verify", 9, 12, "valid"])).toEqual([0, 0]);
  expect(check(...taken, ["verify", 11, 12, "refused"], ["verify", 11, 12, "unavailable"])).toEqual([0, 0]);
});

test("without a receipt nothing was promised", () => {
  expect(
    check(["starts", "take", 1], ["done", "take", 1, 10, "unknown"], ["verify", 11, 12, "valid"]),
  ).toEqual([0, 0]);
});

test("valid is right again as soon as something that gives access has started, and not before", () => {
  const given: Step = ["starts", "give", 2];
  expect(check(...taken, given, ["verify", 11, 12, "valid"])).toEqual([0, 0]);
  expect(check(...taken, ["verify", 11, 12, "valid"], given)).toEqual([1, 0]);
});

test("what was given before takes nothing back, in whatever order the answers come", () => {
  const overtaken: readonly Step[] = [
    ["starts", "give", 1],
    ["starts", "take", 2],
    ["done", "take", 2, 10, "ok"],
    ["done", "give", 1, 11, "ok"],
  ];
  expect(check(...overtaken, ["verify", 12, 13, "valid"])).toEqual([1, 0]);
  expect(check(...overtaken, ["verify", 12, 13, "refused"])).toEqual([0, 0]);
});

test("refused after access was given is wrong, until something that takes it has started", () => {
  const given: readonly Step[] = [
    ["starts", "give", 1],
    ["done", "give", 1, 10, "ok"],
  ];
  expect(check(...given, ["verify", 11, 12, "refused"])).toEqual([0, 1]);
  expect(check(...given, ["verify", 9, 12, "refused"])).toEqual([0, 0]);
  expect(check(...given, ["starts", "take", 2], ["verify", 11, 12, "refused"])).toEqual([0, 0]);
});
