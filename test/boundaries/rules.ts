import { posix } from "node:path";
import type { SourceFile } from "./imports.ts";

const services = ["identity", "authorization", "credential", "activity", "gateway", "dashboard"];

/** A rule of the tree (docs/architecture.md): the files that it is about, and what is wrong with one import of them. */
interface Rule {
  readonly says: string;
  readonly about: RegExp;
  readonly forbids: (target: Target, file: SourceFile) => boolean;
}

/** An import, as a path from the root where it is relative, else as the package it names. */
type Target = { readonly path: string } | { readonly package: string };

const isTest = /\.test\.ts$|\/testing\//;
const isPackage = (target: Target, ...names: readonly string[]) =>
  "package" in target &&
  names.some((name) => target.package === name || target.package.startsWith(`${name}/`));
const isBelow = (target: Target, folder: string) => "path" in target && target.path.startsWith(`${folder}/`);
const serviceOf = (path: string) => /^services\/([^/]+)\//.exec(path)?.[1];

const rules: readonly Rule[] = [
  {
    says: "nothing imports a service but that service",
    about: /./,
    forbids: (target, file) =>
      services.some(
        (name) =>
          name !== serviceOf(file.path) &&
          (isBelow(target, `services/${name}`) || isPackage(target, `@portcullis/${name}`)),
      ),
  },
  {
    says: "domain/ imports its own files, packages/errors and Node built-ins only",
    about: /^services\/[^/]+\/domain\/(?!.*\.test\.ts$)/,
    forbids: (target, file) =>
      "path" in target
        ? !isBelow(target, `services/${serviceOf(file.path)}/domain`)
        : !target.package.startsWith("node:") && target.package !== "@portcullis/errors",
  },
  {
    says: "rpc/ knows no storage",
    about: /^services\/[^/]+\/rpc\//,
    forbids: (target, file) =>
      isBelow(target, `services/${serviceOf(file.path)}/store`) ||
      isPackage(target, "kysely", "pg", "ioredis", "@portcullis/postgres", "@portcullis/redis"),
  },
  {
    says: "store/ knows no wire",
    about: /^services\/[^/]+\/store\//,
    forbids: (target, file) =>
      isBelow(target, `services/${serviceOf(file.path)}/rpc`) ||
      isPackage(
        target,
        "@portcullis/contracts",
        "@connectrpc/connect",
        "@connectrpc/connect-node",
        "@bufbuild/protobuf",
      ),
  },
  {
    says: "the gateway owns no data",
    about: /^services\/gateway\//,
    forbids: (target) => isPackage(target, "kysely", "pg", "@portcullis/postgres"),
  },
  {
    says: "the gateway's REST knows no limits' storage",
    about: /^services\/gateway\/rest\//,
    forbids: (target) => isPackage(target, "ioredis", "@portcullis/redis"),
  },
  {
    says: "packages/errors imports nothing",
    about: /^packages\/errors\//,
    forbids: (target) => "package" in target,
  },
  {
    says: "a package is reached by its name, not by its path",
    about: /./,
    forbids: (target, file) =>
      "path" in target &&
      target.path.startsWith("packages/") &&
      target.path.split("/")[1] !== file.path.split("/")[1],
  },
];

/** What breaks a rule, one sentence each. */
export function violationsOf(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => [
    ...rules
      .filter(({ about }) => about.test(file.path))
      .flatMap((rule) =>
        file.imports
          .filter((specifier) => rule.forbids(targetOf(file.path, specifier), file))
          .map((specifier) => `${file.path} imports ${specifier}: ${rule.says}`),
      ),
    ...(file.readsEnvironment && !mayReadEnvironment(file.path)
      ? [`${file.path} reads process.env: only main.ts does`]
      : []),
  ]);
}

function mayReadEnvironment(path: string): boolean {
  return !path.startsWith("services/") || path.endsWith("/main.ts") || isTest.test(path);
}

function targetOf(from: string, specifier: string): Target {
  if (!specifier.startsWith(".")) return { package: specifier };
  return { path: posix.join(posix.dirname(from), specifier) };
}
