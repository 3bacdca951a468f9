import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../compat/support/edge.ts";
import { linkTokenFor } from "./support/mail.ts";

const program = join(import.meta.dirname, "../../packages/cli/bin/portcullis");
const password = "correct horse battery staple";
/** Each command is a process of its own; on a busy machine that takes its time. */
const patience = { timeout: 180_000 };

let edge: Edge;
let folder: string;
beforeAll(async () => {
  edge = await startEdge();
  folder = await mkdtemp(join(tmpdir(), "portcullis-command-line-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await edge[Symbol.asyncDispose]();
});

interface Given {
  readonly stdin?: string;
  readonly apiKey?: string;
}

/** Runs a command through the gateway, the one address that it is given. */
async function run(args: readonly string[], { stdin = "", apiKey }: Given = {}) {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: {
      PORTCULLIS_API_KEY: apiKey ?? edge.installation.apiKey,
      PORTCULLIS_URL: edge.gateway.url,
      PORTCULLIS_CONFIG: join(folder, "none.json"),
      XDG_CACHE_HOME: folder,
    },
  });
  child.stdin.on("error", () => {}); // it may not read at all
  child.stdin.end(stdin);
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), closed]);
  return { code, stdout, stderr };
}

/** Runs a line whose words have no spaces, which must end well. */
async function portcullis(line: string, given: Given = {}): Promise<string> {
  const { code, stdout, stderr } = await run(line.split(" "), given);
  if (code !== 0) expect.fail(`${line}: ${code} ${stdout}${stderr}`);
  return stdout;
}
const idIn = (stdout: string) => /^ID: +(\S+)$/m.exec(stdout)?.[1] ?? expect.fail(stdout);

test(
  "people: invited, signed up, signed in, given roles, and put out, each by e-mail address",
  patience,
  async () => {
    const email = "ann@example.com";
    await portcullis(`invitation create ${email} --developer read-write`);
    expect(await portcullis(`invitation list --email ${email}`)).toContain("role:developer_read_write");
    const link = await linkTokenFor(edge.installation.mailFolder, email, "You are invited to an account");
    await portcullis(`person sign-up ${email} --name Ann --invitation`, { stdin: `${password}\n${link}\n` });
    const session = (await portcullis(`person sign-in ${email}`, { stdin: `${password}\n` })).trim();
    expect(await portcullis("me get", { apiKey: session })).toMatch(/^Name: +Ann$/m);
    expect(await portcullis(`session list --owner ${email}`)).toContain("127.0.0.1");

    const before = await run(["check", email, "identity.members.manage"]);
    expect(before).toMatchObject({ code: 3, stdout: expect.stringContaining("not-granted") });
    await portcullis(`member set-roles ${email} --developer read-write --team manager --billing none`);
    expect(await portcullis(`check ${email} identity.members.manage`)).toMatch(/^Allowed: +yes$/m);

    await portcullis(`member remove ${email} --yes --receipt ann.json`);
    expect(await portcullis("receipt verify ann.json")).toMatch(/^Result: +VALID$/m);
    const refused = await run(["me", "get"], { apiKey: session });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("CREDENTIALS_") });
    const gone = await run(["member", "get", email]);
    expect(gone.stderr).toContain("No member of the account has the address");
  },
);

test("access: what an explanation asks for is given, and taken again with proof", patience, async () => {
  const bot = idIn(await portcullis("service-user create deploy-bot"));
  const asked = ["explain", "sa::deploy-bot", "identity.members.manage"];
  expect((await run(asked)).stdout).toMatch(
    /^What would help: +portcullis policy update --service-users scoped/m,
  );
  await portcullis("policy update --service-users scoped");
  const { stdout } = await run(asked);
  const [, help = ""] = /^What would help: +portcullis (.*)$/m.exec(stdout) ?? [];
  expect(help).toBe(`permission grant identity.members.manage --to ${bot}`);
  await portcullis(help);
  expect(await portcullis(`list-subjects identity.members.manage --all`)).toContain(bot);

  const role = idIn(await portcullis("role create Reader --permission identity.members.read"));
  const group = idIn(await portcullis("group create Deployers"));
  await portcullis(`group add-roles ${group} ${role}`);
  await portcullis(`group add-members ${group} sa::deploy-bot`);
  const held = await portcullis("list-permissions sa::deploy-bot");
  expect(held).toMatch(/^identity\.members\.manage +direct$/m);
  expect(held).toMatch(new RegExp(`^identity\\.members\\.read +group ${group} by role ${role}$`, "m"));

  await portcullis("object register dashboard sales stock");
  await portcullis("object set-access dashboard sales --view sa::deploy-bot");
  expect(await portcullis("list-objects sa::deploy-bot dashboard")).toBe("ID\nsales\nstock\n");
  const many = "sa::deploy-bot - dashboard/sales view\nsa::deploy-bot - dashboard/sales modify\n";
  const answers = await run(["check", "--batch", "-"], { stdin: many });
  expect(answers.stdout.split("\n").map((line) => / (yes|no) /.exec(line)?.[1])).toEqual([
    undefined,
    "yes",
    "no",
    undefined,
  ]);
  expect(answers.code).toBe(3);

  const revoke = `permission revoke identity.members.manage --from sa::deploy-bot --receipt revoked.json`;
  expect(await portcullis(revoke)).toContain("In force since");
  expect(await portcullis("receipt verify revoked.json")).toMatch(/^Result: +VALID$/m);
});
