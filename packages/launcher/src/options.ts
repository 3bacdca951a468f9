import { resolve } from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { usageError } from "./launcher-error.ts";
import { dataPortOffset, serviceSpecs } from "./service-specs.ts";

export interface Options {
  /** Absolute. */
  readonly data: string;
  readonly host: string;
  readonly portBase: number;
  readonly reset: boolean;
  readonly yes: boolean;
  readonly newKey: boolean;
  readonly verbose: boolean;
  readonly json: boolean;
}

const portBaseMax = 65_536 - serviceSpecs.length - dataPortOffset;

/** What the command line and the environment ask for, or the help text. A LauncherError tells wrong usage. */
export function parseOptions(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  currentFolder: string,
): Options | { readonly help: string } {
  let help = "";
  const command = new Command("npm start --")
    .description("Starts Portcullis with everything it needs, and stops all of it on Ctrl-C.")
    .option("--data <folder>", "where everything is kept (env PORTCULLIS_DATA)", ".portcullis")
    .option("--port-base <n>", `${portsHelp()} (env PORTCULLIS_PORT_BASE)`, parsePortBase, 7401)
    .option("--host <address>", "the address that the services listen on", "127.0.0.1")
    .option("--reset", "delete the data folder's contents first, and start from nothing", false)
    .option("--yes", "with --reset: don't ask", false)
    .option("--new-key", "make and print another API key of the super administrator", false)
    .option("--verbose", "show the services' logs here, too", false)
    .option("--json", "when ready, print one line of JSON and nothing else", false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (help += text), writeErr: () => {} });
  try {
    command.parse([...fromEnvironment(environment), ...args], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") return { help };
    const message = error.message.replace(/^error: /, "");
    throw usageError(`${capitalized(message)}. \`npm start -- --help\` shows the options.`);
  }
  const options = command.opts<Options>();
  if (options.yes && !options.reset) throw usageError("--yes goes with --reset only.");
  return { ...options, data: resolve(currentFolder, options.data) };
}

/** As options, so that they are checked alike; those of the command line come later and win. */
function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): string[] {
  const { PORTCULLIS_DATA: data, PORTCULLIS_PORT_BASE: portBase } = environment;
  return [
    ...(data === undefined || data === "" ? [] : [`--data=${data}`]),
    ...(portBase === undefined || portBase === "" ? [] : [`--port-base=${portBase}`]),
  ];
}

function parsePortBase(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= portBaseMax) return port;
  throw new InvalidArgumentError(`It is a number from 1 to ${portBaseMax}`);
}

function portsHelp(): string {
  return serviceSpecs
    .map(({ name }, offset) => (offset === 0 ? `${name}'s port` : `${name} +${offset}`))
    .join(", ");
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replace(/\.$/, "");
}
