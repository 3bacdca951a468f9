import { expect, test } from "vitest";
import { parseOptions } from "./options.ts";

const parse = (args: readonly string[], environment: Record<string, string> = {}) =>
  parseOptions(args, environment, "/here");

test("without options everything is where the documentation says", () => {
  expect(parse([])).toEqual({
    data: "/here/.portcullis",
    host: "127.0.0.1",
    portBase: 7401,
    reset: false,
    yes: false,
    newKey: false,
    verbose: false,
    json: false,
  });
});

test("the command line wins over the environment, and an empty variable is not set", () => {
  const environment = { PORTCULLIS_DATA: "/there", PORTCULLIS_PORT_BASE: "8000" };
  expect(parse([], environment)).toMatchObject({ data: "/there", portBase: 8000 });
  expect(parse(["--data", "x", "--port-base=9000"], environment)).toMatchObject({
    data: "/here/x",
    portBase: 9000,
  });
  expect(parse([], { PORTCULLIS_DATA: "", PORTCULLIS_PORT_BASE: "" })).toEqual(parse([]));
});

test.each([
  ["an unknown option", ["--prot-base", "1"], "--prot-base"],
  ["an argument", ["build-bot"], "arguments"],
  ["an option without its value", ["--data"], "--data"],
  ["a port that is no number", ["--port-base", "7401x"], "1 to 65522"],
  ["a port that leaves no room for all services", ["--port-base", "65523"], "1 to 65522"],
  ["consent without a question", ["--yes"], "--reset"],
])("%s is wrong usage, and the message names it", (_what, args, named) => {
  expect(() => parse(args)).toThrow(
    expect.objectContaining({ exitCode: 2, message: expect.stringContaining(named) }),
  );
});

test("a wrong port in the environment is wrong usage, too", () => {
  expect(() => parse([], { PORTCULLIS_PORT_BASE: "none" })).toThrow(expect.objectContaining({ exitCode: 2 }));
});

test("--help shows each option", () => {
  const answer = parse(["--help"]);
  const help = "help" in answer ? answer.help : "";
  for (const name of ["data", "port-base", "host", "reset", "yes", "new-key", "verbose", "json"]) {
    expect(help).toContain(`--${name}`);
  }
});
