import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { DescFile } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { exposedMethods, isForOutside } from "./exposed-methods.ts";

const resolve = createRequire(import.meta.url).resolve;
/** The folder with everything that is generated from our own proto files. */
const generated = join(dirname(resolve("@portcullis/contracts/portcullis/common/v1/access_pb.ts")), "../..");

/** Several services answer for these, each for itself: there is no one to pass a call on to. See receipt-keys.ts. */
const ofSeveral = [
  "portcullis.common.v1.ReceiptService",
  "portcullis.enforcement.v1.PrincipalEnforcementService",
];

function isFile(value: unknown): value is DescFile {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === "file";
}

test("every method that may be called from outside is passed on, and no other", async () => {
  const names = (await readdir(generated, { recursive: true })).filter((name) => name.endsWith("_pb.ts"));
  const modules = await Promise.all(
    names.map((name): Promise<object> => import(pathToFileURL(join(generated, name)).href)),
  );
  const services = modules
    .flatMap((module) => Object.values(module).filter(isFile))
    .flatMap((file) => file.services);
  const expected = services
    .filter(({ typeName }) => !ofSeveral.includes(typeName))
    .flatMap(({ typeName, methods }) =>
      methods.filter(isForOutside).map(({ name }) => `/${typeName}/${name}`),
    );
  expect([...exposedMethods.keys()].toSorted()).toEqual(expected.toSorted());
  expect(exposedMethods.has("/portcullis.identity.v1.InstallationService/BootstrapInstallation")).toBe(false);
  expect(exposedMethods.has("/portcullis.identity.v1.SignInService/SignIn")).toBe(true);
});
