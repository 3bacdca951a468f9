import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { DescFile } from "@bufbuild/protobuf";
import { accessOf } from "@portcullis/service";
import { expect, test } from "vitest";
import { builtInRoles } from "./domain/built-in-roles.ts";
import { isGrantable, isPermissionId, permissionIds } from "./domain/catalog.ts";

const resolve = createRequire(import.meta.url).resolve;
/** The folder with everything that is generated from our own proto files. */
const generated = join(dirname(resolve("@portcullis/contracts/portcullis/common/v1/access_pb.ts")), "../..");

function isFile(value: unknown): value is DescFile {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "file";
}

async function allFiles(): Promise<readonly DescFile[]> {
  const entries = await readdir(generated, { recursive: true });
  const modules = await Promise.all(
    entries
      .filter((entry) => entry.endsWith("_pb.ts"))
      .map((entry): Promise<object> => import(pathToFileURL(join(generated, entry)).href)),
  );
  return modules.flatMap((module) => Object.values(module).filter(isFile));
}

test("every permission that a method needs is in the catalogue, and somebody can hold it", async () => {
  const methods = (await allFiles()).flatMap(({ services }) => services).flatMap((each) => each.methods);
  const needed = [...new Set(methods.map((method) => accessOf(method).permission))].filter(Boolean);
  expect(methods.length).toBeGreaterThan(20);
  expect(needed.filter((permission) => !isPermissionId(permission))).toEqual([]);
  for (const permission of permissionIds.filter(isGrantable)) {
    expect(builtInRoles.some(({ permissions }) => permissions.has(permission))).toBe(true);
  }
});
