import { appendFile, readdir, truncate, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { expect, test } from "vitest";
import { beginLog, lastLines, readable } from "./log-lines.ts";
import { temporaryPath } from "./testing/temporary-folder.ts";

test("a service's log line is shown in words, without the stack", () => {
  const err = { type: "Error", message: "listen EADDRINUSE", stack: "Error: listen…" };
  const line = JSON.stringify({
    level: 60,
    time: 0,
    pid: 1,
    hostname: "h",
    name: "identity",
    err,
    msg: "no start",
  });
  expect(readable(line)).toBe("00:00:00.000 fatal no start: listen EADDRINUSE");
  expect(readable('{"level":30,"time":0,"port":7401,"msg":"listening"}')).toBe(
    "00:00:00.000 info listening port=7401",
  );
});

test.each(["plain text", "{", "null", '{"level":"x"}', '{"level":30,"time":"x","msg":"m"}'])(
  "the line %j is shown as it is",
  (line) => {
    expect(readable(line)).toBe(line);
  },
);

test("control characters and endless lines don't reach the terminal", () => {
  expect(readable("\u001b[31mred")).toBe("red");
  expect(readable("x".repeat(10_000))).toHaveLength(300);
});

test("the last lines are those of this start, and none of a log that is missing", async () => {
  const file = await temporaryPath();
  const first = await beginLog(file);
  expect(await lastLines(first)).toEqual([]);
  await writeFile(file, Array.from({ length: 5_000 }, (_, index) => `line ${index}\n`).join(""));
  expect(await lastLines(first, 2)).toEqual(["line 4998", "line 4999"]);
  const second = await beginLog(file);
  expect(await lastLines(second)).toEqual([]);
  await appendFile(file, "again\n");
  expect(await lastLines(second)).toEqual(["again"]);
});

test("a log that has grown large is put aside", async () => {
  const file = await temporaryPath();
  await writeFile(file, "small");
  expect(await beginLog(file)).toEqual({ file, startByte: 5 });
  await truncate(file, 6_000_000);
  expect(await beginLog(file)).toEqual({ file, startByte: 0 });
  expect(await readdir(dirname(file))).toEqual([`${basename(file)}.1`]);
});
