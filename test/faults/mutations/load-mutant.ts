import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Protocol } from "../simulation/protocol.ts";

/** A line of the production code, as it stands there without its indentation, and what stands there instead. */
export interface Edit {
  readonly file: string;
  readonly line: string;
  readonly becomes: string;
}

/** A copy of the package with these lines changed. Throws if one of them is not there exactly once. */
export async function loadMutant(edits: readonly Edit[]): Promise<Protocol> {
  const source = dirname(createRequire(import.meta.url).resolve("@portcullis/coherence"));
  const folder = await mkdtemp(join(tmpdir(), "portcullis-mutant-"));
  try {
    await cp(source, folder, { recursive: true, filter: (path) => !/\.test\.ts$|postgres|redis/.test(path) });
    await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
    for (const { file, line, becomes } of edits) {
      const path = join(folder, file);
      const lines = (await readFile(path, "utf8")).split("\n");
      const found = lines.flatMap((text, index) => (text.trim() === line ? [index] : []));
      if (found.length !== 1) {
        throw new Error(`${file} has ${found.length} lines "${line}", a mutation needs exactly one`);
      }
      await writeFile(path, lines.with(found[0] ?? 0, becomes).join("\n"));
    }
    const loaded: unknown = await import(/* @vite-ignore */ pathToFileURL(join(folder, "index.ts")).href);
    // Of the same source but for a line.
    return loaded as Protocol;
  } finally {
    await rm(folder, { recursive: true });
  }
}
