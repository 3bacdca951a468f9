import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { accessOf } from "@portcullis/service";
import type { Command } from "commander";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { createProgram } from "./program.ts";
import type { Terminal } from "./terminal.ts";
import { type AnyService, allServices, startAnyService } from "./testing/any-service.ts";
import { runInProcess } from "./testing/run-in-process.ts";

/** What no command calls, though who has an API key could, and why. */
const withoutCommand: Readonly<Record<string, string>> = {
  "CheckService/WatchRevocations": "a stream for caches, which the SDK follows",
  "VerificationService/WatchRevocations": "a stream for caches, which the SDK follows",
  "VerificationService/VerifyStream": "a stream for servers with many verifications",
};

/** What the examples read, by the names that they have for it. */
const files: Readonly<Record<string, string>> = {
  "questions.txt": 'sa::build-bot identity.members.read\n"sa::build bot" - dashboard/sales modify\n',
  "permissions.json": '{"namespace": "shop", "version": "1"}',
  "id_ed25519.pub": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ me@here\n",
  "api-key.txt": "pcak_0Key",
  "password.txt": "secret\n",
  "code.txt": "123456\n",
  "token.txt": "pcat_0Token\n",
  "tokens.txt": "pcat_0Token\npcat_0Other\n",
  "link-token.txt": "token\n",
  "password-and-code.txt": "secret\n123456\n",
  "password-and-link-token.txt": "secret\ntoken\n",
  "link-token-and-password.txt": "token\nsecret\n",
  "both-passwords.txt": "secret\nother secret\n",
};

let service: AnyService;
let folder: string;
const before = process.cwd();
beforeAll(async () => {
  service = await startAnyService();
  folder = await mkdtemp(join(tmpdir(), "portcullis-examples-"));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  // Examples name files of the folder that one is in.
  process.chdir(folder);
});
/** Receipts that an example has kept are in the way of the next. */
afterEach(async () => {
  for (const name of await readdir(folder)) if (!Object.hasOwn(files, name)) await rm(join(folder, name));
});
afterAll(async () => {
  process.chdir(before);
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

/** The words of each command that does something. */
function leavesOf(command: Command, words: readonly string[] = []): readonly (readonly string[])[] {
  if (command.commands.length === 0) return [words];
  return command.commands.flatMap((child) => leavesOf(child, [...words, child.name()]));
}
const nowhere = { stdout: {}, stderr: {}, environment: {} } as Terminal; // nothing is run with it
const leaves = leavesOf(createProgram(nowhere, () => {})).map((words) => words.join(" "));

async function examplesOf(command: string): Promise<readonly string[]> {
  const { stdout } = await runInProcess(service, [...command.split(" "), "--help"]);
  const [, examples = ""] = stdout.split(/^Examples?:\n/m);
  return examples.split("\n").flatMap((line) => (line.startsWith("  portcullis ") ? [line.trim()] : []));
}

/** Runs a line as a shell would: with quotes, and what comes from or goes to a file. */
async function runLine(line: string) {
  const [command = "", input = ""] = line.replace(/ > .*$/, "").split(" < ");
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? "",
  );
  return runInProcess(service, words.slice(1), input === "" ? "" : (files[input] ?? expect.fail(input)));
}

/** Those that need something of their own to say yes to, or have nothing to call. */
const isOwnMatter = (command: string) => /^(?:profile|receipt) /.test(command);

test.each(leaves.filter((command) => !isOwnMatter(command)))(
  "%s: its help has an example, which works, for people and as JSON",
  async (command) => {
    const examples = await examplesOf(command);
    expect(examples.length).toBeGreaterThan(0);
    for (const line of examples) {
      expect(line).toMatch(new RegExp(`^portcullis ${command}(?: |$)`));
      for (const asked of [
        line,
        line.replace("portcullis", "portcullis --json").replace(/ --receipt \S+/, ""),
      ]) {
        const { code, stdout, stderr } = await runLine(asked);
        // Samples of answers are refusals here and there; errors they are not.
        expect({ line, code, stderr }).toMatchObject({ code: expect.toBeOneOf([0, 3]) });
        expect(stderr).not.toContain("error");
        expect(stdout).not.toContain("undefined");
        if (asked !== line) expect(() => JSON.parse(stdout)).not.toThrow();
      }
    }
  },
);

test.each(leaves.filter(isOwnMatter))("%s: its help has an example", async (command) => {
  expect(await examplesOf(command)).not.toEqual([]);
});

test("every method that may be called from outside has a command, or a reason to have none", async () => {
  for (const command of leaves.filter((one) => !isOwnMatter(one))) {
    for (const line of await examplesOf(command)) await runLine(line.replace(/ --receipt \S+/, ""));
  }
  await runInProcess(service, ["receipt", "keys"]);
  const called = new Set(service.received.map(({ method }) => `${method.parent.name}/${method.name}`));
  const open = (await allServices()).flatMap(({ name, methods }) =>
    methods
      .filter((method) => {
        const { anyone, self, permission } = accessOf(method);
        return anyone || self || permission !== "";
      })
      .map((method) => `${name}/${method.name}`),
  );
  expect(open.length).toBeGreaterThan(100);
  expect(open.filter((method) => !called.has(method)).toSorted()).toEqual(
    Object.keys(withoutCommand).toSorted(),
  );
});
