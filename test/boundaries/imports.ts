import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A file, by its path from the root of the tree with forward slashes, and what it imports, as written. */
export interface SourceFile {
  readonly path: string;
  readonly imports: readonly string[];
  readonly readsEnvironment: boolean;
}

const importPattern =
  /^\s*(?:import|export)\s(?:[^"';]*?\sfrom\s)?\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/gm;
const skipped = new Set(["node_modules", "gen", "dist", ".git", ".turbo"]);

/** What a module imports or re-exports, types included: a type ties two rooms together as much as a value does. */
export function importsOf(source: string): string[] {
  return [...source.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? "");
}

/** All TypeScript files below the folders of a tree. */
export function readTree(root: string, folders: readonly string[]): SourceFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .filter(
        (path) =>
          !path
            .slice(root.length)
            .split("/")
            .some((part) => skipped.has(part)),
      )
      .map((path) => {
        const source = readFileSync(path, "utf8");
        return {
          path: path.slice(root.length + 1),
          imports: importsOf(source),
          readsEnvironment: /\bprocess\.env\b/.test(source),
        };
      }),
  );
}
