import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

const file = join(import.meta.dirname, "RESULTS.md");
const rawFolder = join(import.meta.dirname, "raw");

/** What a part of the bench has to say. */
export interface Section {
  /** A heading of the second level and what is below it. */
  readonly markdown: string;
  /** What it was made from. */
  readonly raw: unknown;
}

/** Puts the part's section in place of the one before, or at the end, and keeps what it was made from beside it. */
export async function publish(part: string, { markdown, raw }: Section): Promise<void> {
  await mkdir(rawFolder, { recursive: true });
  await writeFile(join(rawFolder, `${part}.json`), `${JSON.stringify(raw)}\n`);
  const before = await readFile(file, "utf8").catch(() => "# What things cost\n");
  const [begin, end] = [`<!-- ${part}: generated -->`, `<!-- ${part}: end -->`];
  const section = `${begin}\n${markdown.trim()}\n${end}`;
  const at = before.indexOf(begin);
  const after = before.indexOf(end);
  const whole =
    at === -1 || after === -1
      ? `${before.trimEnd()}\n\n${section}\n`
      : before.slice(0, at) + section + before.slice(after + end.length);
  await writeFile(file, whole);
}
