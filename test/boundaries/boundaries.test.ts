import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { importsOf, readTree } from "./imports.ts";
import { violationsOf } from "./rules.ts";

const root = join(import.meta.dirname, "../..");

test("the tree keeps its boundaries", () => {
  const files = readTree(root, ["packages", "services", "test"]);
  expect(files.length).toBeGreaterThan(100);
  expect(violationsOf(files)).toEqual([]);
});

/** Each plants one file in an otherwise empty tree. */
test.each([
  ["services/identity/domain/x.ts", 'import { sql } from "kysely";', "domain/"],
  ["services/identity/domain/x.ts", 'import type { Code } from "@connectrpc/connect";', "domain/"],
  ["services/identity/domain/x.ts", 'export * from "../store/rows.ts";', "domain/"],
  ["services/identity/domain/x.ts", 'import { pino } from "pino";', "domain/"],
  ["services/identity/rpc/x.ts", 'import { rows } from "../store/rows.ts";', "rpc/"],
  ["services/identity/rpc/x.ts", 'const { sql } = await import("kysely");', "rpc/"],
  ["services/credential/store/x.ts", 'import { A } from "@portcullis/contracts/a_pb.ts";', "store/"],
  [
    "services/identity/peers/x.ts",
    'import { a } from "../../credential/domain/token.ts";',
    "nothing imports a service",
  ],
  ["services/identity/peers/x.ts", 'import "@portcullis/credential";', "nothing imports a service"],
  [
    "packages/sdk/src/x.ts",
    'import { a } from "../../../services/identity/server.ts";',
    "nothing imports a service",
  ],
  ["services/gateway/rest/x.ts", 'import { sql } from "kysely";', "the gateway owns no data"],
  [
    "services/gateway/rest/ngrok/x.ts",
    'import { openRedis } from "@portcullis/redis";',
    "the gateway's REST",
  ],
  ["packages/errors/src/x.ts", 'import { z } from "zod";', "packages/errors"],
  [
    "services/identity/rpc/x.ts",
    'import { a } from "../../../packages/service/src/index.ts";',
    "by its name",
  ],
  ["services/identity/server.ts", "const port = process.env.PORT;", "only main.ts"],
  [
    "services/identity/domain/x.test.ts",
    'import { a } from "../../credential/domain/token.ts";',
    "nothing imports a service",
  ],
])("a planted violation is found: %s with %s", (path, source, says) => {
  const planted = mkdtempSync(join(tmpdir(), "portcullis-boundaries-"));
  try {
    mkdirSync(dirname(join(planted, path)), { recursive: true });
    writeFileSync(join(planted, path), `${source}\n`);
    const found = violationsOf(readTree(planted, [path.split("/")[0] ?? ""]));
    expect(found).toEqual([expect.stringContaining(says)]);
  } finally {
    rmSync(planted, { recursive: true });
  }
});

test("imports are seen in all their forms", () => {
  const source = [
    'import a from "a";',
    'import type { B } from "b";',
    'import {\n  c,\n  d,\n} from "c";',
    'import "d";',
    'export { e } from "e";',
    'export * from "f";',
    'const g = await import("g");',
    'type H = import("h").H;',
    'const text = "import x from y";',
  ].join("\n");
  expect(importsOf(source)).toEqual(["a", "b", "c", "d", "e", "f", "g", "h"]);
});
