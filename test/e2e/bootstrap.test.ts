import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectClients } from "./support/connect-client.ts";
import { type Installation, startInstallation } from "./support/installation.ts";

const run = promisify(execFile);
const command = join(import.meta.dirname, "../../packages/launcher/src/bootstrap.ts");

let installation: Installation;
beforeAll(async () => {
  installation = await startInstallation();
});
afterAll(() => installation[Symbol.asyncDispose]());

const environment = () => ({
  PATH: process.env["PATH"],
  WORKLOAD_KEY: installation.workloadKey,
  IDENTITY_URL: installation.identity.url,
  AUTHORIZATION_URL: installation.authorization.url,
  CREDENTIAL_URL: installation.credentials[0].url,
});

test("npm run bootstrap prints a key of the one super administrator, each time another", async () => {
  const keys = [];
  for (let time = 0; time < 2; time++) {
    const { stdout } = await run(process.execPath, [command], { env: environment() });
    expect(stdout).toMatch(/^pcak_\w+\n$/);
    keys.push(stdout.trim());
  }
  expect(new Set(keys).size).toBe(2);
  for (const key of keys) {
    const { accounts } = await connectClients(installation, key).accounts.listAccounts({});
    expect(accounts.map(({ accountId }) => accountId)).toEqual([installation.accountId]);
  }
});

test("a wrong workload key gets no further, and what is missing is named", async () => {
  const wrong = { ...environment(), WORKLOAD_KEY: Buffer.alloc(32).toString("base64") };
  await expect(run(process.execPath, [command], { env: wrong })).rejects.toMatchObject({
    code: 1,
    stdout: "",
  });
  const { IDENTITY_URL: _, ...incomplete } = environment();
  await expect(run(process.execPath, [command], { env: incomplete })).rejects.toMatchObject({
    code: 78,
    stderr: expect.stringContaining("IDENTITY_URL: is required"),
  });
});
