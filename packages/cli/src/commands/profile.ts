import { Command, Option } from "commander";
import { configPath, readConfigFile, writeConfigFile } from "../config/config-file.ts";
import { configFileSchema, type Profile, problemsOf } from "../config/schema.ts";
import { readEnvironment } from "../config/settings.ts";
import { CliError } from "../errors.ts";
import { withExamples } from "../input/example.ts";
import { readSecret } from "../input/standard-input.ts";
import type { View } from "../output/view.ts";
import type { Local, Runner } from "../runner.ts";

interface SetOptions {
  readonly apiKeyStdin?: true;
  readonly apiKeyEnv?: true;
  readonly url?: string;
  readonly identityUrl?: string;
  readonly authorizationUrl?: string;
  readonly credentialUrl?: string;
}

/** `portcullis profile …` */
export function profileCommand(runner: Runner): Command {
  const command = new Command("profile").description("profiles: installations and accounts, kept in a file");
  withExamples(
    command.command("set"),
    "portcullis profile set production --api-key-stdin --url https://portcullis.example.com < api-key.txt",
  )
    .description("make a profile, or change what is given; --account sets its account")
    .argument("<name>", "`default` is used where no other is asked for")
    .option("--api-key-stdin", "read the API key from standard input")
    .addOption(
      new Option("--api-key-env", "take the API key from PORTCULLIS_API_KEY").conflicts("apiKeyStdin"),
    )
    .option("--url <url>", "where the gateway is, which answers for all services")
    .option("--identity-url <url>", "where identity is, if not at the gateway")
    .option("--authorization-url <url>", "where authorization is, if not at the gateway")
    .option("--credential-url <url>", "where credential is, if not at the gateway")
    .action(runner.locally(set));
  withExamples(command.command("list"), "portcullis profile list")
    .description("list the profiles, without their API keys")
    .action(runner.locally(list));
  withExamples(command.command("remove"), "portcullis profile remove production")
    .description("remove a profile")
    .argument("<name>", "which")
    .action(runner.locally(remove));
  return command;
}

async function set({ terminal, printer, globals }: Local, name: string, options: SetOptions): Promise<void> {
  const path = configPath(terminal);
  const { profiles } = await readConfigFile(path, () => {});
  const { url, identityUrl, authorizationUrl, credentialUrl } = options;
  const given = {
    apiKey: await apiKeyOf({ terminal, printer, globals }, options),
    url,
    identityUrl,
    authorizationUrl,
    credentialUrl,
    account: globals.account,
  };
  const changes = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const before = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (before !== undefined && Object.keys(changes).length === 0) {
    throw CliError.usage("There is nothing to set.", "Add --help to see what can be set.");
  }
  const parsed = configFileSchema.safeParse({ profiles: { ...profiles, [name]: { ...before, ...changes } } });
  if (!parsed.success) throw CliError.usage(`${problemsOf(parsed.error)}.`);
  await writeConfigFile(path, parsed.data);
  printer.local({ path, profile: name }, { kind: "line", text: `Wrote the profile ${name} to ${path}.` });
}

async function list({ terminal, printer }: Local): Promise<void> {
  const { profiles } = await readConfigFile(configPath(terminal), printer.warn);
  const shown = Object.fromEntries(
    Object.entries(profiles).map(([name, profile]) => [name, withoutKey(profile)]),
  );
  printer.local({ profiles: shown }, profilesView(profiles));
}

async function remove({ terminal, printer }: Local, name: string): Promise<void> {
  const path = configPath(terminal);
  const { profiles } = await readConfigFile(path, () => {});
  if (!Object.hasOwn(profiles, name)) throw CliError.config(`There is no profile ${name} in ${path}.`);
  const { [name]: _, ...rest } = profiles;
  await writeConfigFile(path, { profiles: rest });
  printer.local({ path, profile: name }, { kind: "line", text: `Removed the profile ${name} from ${path}.` });
}

async function apiKeyOf({ terminal }: Local, options: SetOptions): Promise<string | undefined> {
  if (options.apiKeyStdin) return readSecret(terminal, "API key");
  if (!options.apiKeyEnv) return undefined;
  const apiKey = readEnvironment(terminal).PORTCULLIS_API_KEY;
  if (apiKey === undefined) throw CliError.usage("PORTCULLIS_API_KEY is not set.");
  return apiKey;
}

function withoutKey({ apiKey, ...rest }: Profile) {
  return { hasApiKey: apiKey !== undefined, ...rest };
}

function profilesView(profiles: Readonly<Record<string, Profile>>): View {
  return {
    kind: "table",
    columns: [
      { title: "NAME" },
      { title: "API KEY" },
      { title: "ACCOUNT" },
      { title: "IDENTITY" },
      { title: "AUTHORIZATION" },
      { title: "CREDENTIAL" },
      { title: "GATEWAY" },
    ],
    rows: Object.entries(profiles).map(([name, profile]) => [
      name,
      profile.apiKey === undefined ? "none" : "set",
      profile.account ?? "",
      profile.identityUrl ?? "",
      profile.authorizationUrl ?? "",
      profile.credentialUrl ?? "",
      profile.url ?? "",
    ]),
    empty: "No profiles.",
  };
}
