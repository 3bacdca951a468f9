import { enableCompileCache } from "node:module";
import process from "node:process";
import manifest from "../package.json" with { type: "json" };
import { claim, FolderInUse, openDataFolder } from "./data-folder.ts";
import { LauncherError } from "./launcher-error.ts";
import { type Options, parseOptions } from "./options.ts";
import { Output } from "./output.ts";
import { paths } from "./paths.ts";
import { resetDataFolder } from "./reset.ts";
import { listenForStop, StopRequested } from "./stop-requests.ts";
import { requireSupportedSystem } from "./system.ts";

const output = new Output(process.stdout, process.stderr, process.argv.includes("--json"));
process.exit(await run());

async function run(): Promise<number> {
  try {
    requireSupportedSystem(process.platform);
    const options = parseOptions(process.argv.slice(2), process.env, process.cwd());
    if ("help" in options) process.stdout.write(options.help);
    else await start(options);
    return 0;
  } catch (error) {
    if (error instanceof StopRequested) return 0;
    const known = error instanceof LauncherError ? error : unexpected(error);
    output.error(known);
    return known.exitCode;
  }
}

async function start(options: Options): Promise<void> {
  const stop = listenForStop(process.env["npm_lifecycle_event"] !== undefined);
  const folder = await openDataFolder(options.data).catch(async (error: unknown) => {
    if (!(error instanceof FolderInUse && options.newKey)) throw error;
    const { keyForRunning } = await import("./key-for-running.ts");
    await output.apiKey(await keyForRunning(options.data, error));
  });
  if (folder === undefined) return;
  if (options.reset) {
    const terminal = process.stdin.isTTY && process.stderr.isTTY;
    await resetDataFolder(folder, { given: options.yes, terminal }, stop);
  }
  await claim(folder, manifest.version);
  // Most of the code comes after this line: compiled once for a data folder, not at each start.
  enableCompileCache(paths.compileCache(folder.root));
  const { launch } = await import("./launch.ts");
  await launch({ options, folder, release: manifest.version, environment: process.env, output, stop });
}

function unexpected(error: unknown): LauncherError {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new LauncherError("Something went wrong that should not have. Please report it with these lines:", {
    details: text.split("\n"),
  });
}
