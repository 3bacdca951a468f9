import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readSettings } from "./settings.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "portcullis-settings-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The addresses of identity and credential, with this profile and environment. */
async function addresses(profile: object, environment: Record<string, string>) {
  const path = join(folder, "config.json");
  await writeFile(path, JSON.stringify({ profiles: { default: profile } }), { mode: 0o600 });
  const nowhere = new Writable();
  const terminal = {
    environment: { ...environment, PORTCULLIS_CONFIG: path },
    homeFolder: folder,
    stdin: Readable.from([]),
    stdout: nowhere,
    stderr: nowhere,
  };
  const { urls } = await readSettings(terminal, { timeout: 1_000 }, () => {});
  return [urls.identity, urls.credential];
}

const edge = "https://edge.example.com";
const identity = "https://identity.example.com";

test.each<[string, object, Record<string, string>, readonly string[]]>([
  ["nothing is set", {}, {}, ["http://127.0.0.1:7401", "http://127.0.0.1:7403"]],
  ["the gateway answers for all", { url: edge }, {}, [edge, edge]],
  ["a service may have an address of its own", { url: edge, identityUrl: identity }, {}, [identity, edge]],
  [
    "so in the environment",
    {},
    { PORTCULLIS_URL: edge, PORTCULLIS_IDENTITY_URL: identity },
    [identity, edge],
  ],
  [
    "the environment goes before the profile",
    { url: identity, identityUrl: identity, credentialUrl: identity },
    { PORTCULLIS_URL: edge },
    [edge, edge],
  ],
])("where the services are: %s", async (_, profile, environment, expected) => {
  expect(await addresses(profile, environment)).toEqual(expected);
});
