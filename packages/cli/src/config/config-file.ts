import { randomUUID } from "node:crypto";
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { type ConfigFile, configFileSchema, problemsOf } from "./schema.ts";

const nobodyElse = 0o077;

/** Where the configuration file is: PORTCULLIS_CONFIG, else in the folder that the XDG specification names. */
export function configPath({ environment, homeFolder }: Terminal): string {
  const { PORTCULLIS_CONFIG, XDG_CONFIG_HOME } = environment;
  if (PORTCULLIS_CONFIG !== undefined && PORTCULLIS_CONFIG !== "") return PORTCULLIS_CONFIG;
  // The specification has relative paths ignored.
  const isFolder = XDG_CONFIG_HOME?.startsWith("/") === true;
  return join(isFolder ? XDG_CONFIG_HOME : join(homeFolder, ".config"), "portcullis", "config.json");
}

/**
 * Reads the configuration file; one that does not exist has no profiles. Calls `warn` where others may read
 * it. CliError names the field that is wrong.
 */
export async function readConfigFile(path: string, warn: (text: string) => void): Promise<ConfigFile> {
  const text = await readIfThere(path);
  if (text === undefined) return { profiles: {} };
  if (process.platform !== "win32" && ((await stat(path)).mode & nobodyElse) !== 0) {
    warn(`other users of this machine can get at ${path}, which may hold an API key: run chmod 600 on it`);
  }
  const parsed = configFileSchema.safeParse(parseJson(path, text));
  if (parsed.success) return parsed.data;
  throw CliError.config(`${path}: ${problemsOf(parsed.error)}.`);
}

/** Replaces the configuration file as a whole, readable by its owner only. */
export async function writeConfigFile(path: string, config: ConfigFile): Promise<void> {
  const target = await resolveLink(path);
  const draft = `${target}.${randomUUID()}`;
  try {
    await mkdir(dirname(target), { recursive: true, mode: 0o700 });
    await writeFile(draft, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw CliError.config(`${path} can't be written: ${messageOf(error)}.`);
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw CliError.config(`${path} can't be read: ${messageOf(error)}.`);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold an API key.
    throw CliError.config(`${path} is not JSON.`);
  }
}

/** A link stays a link: the file that it points to is replaced. */
async function resolveLink(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
