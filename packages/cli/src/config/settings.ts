import { CliError } from "../errors.ts";
import type { Terminal } from "../terminal.ts";
import { configPath, readConfigFile } from "./config-file.ts";
import { type ConfigFile, environmentSchema, type Profile, problemsOf } from "./schema.ts";

/** The services that the command line calls. */
export type ServiceName = "identity" | "authorization" | "credential";

/** What holds for all commands, from the command line. */
export interface GlobalOptions {
  readonly json?: true;
  readonly profile?: string;
  readonly account?: string;
  readonly timeout: number;
}

/** Whom to call, as whom, about which account. */
export interface Settings {
  /** Undefined where none is set. */
  readonly apiKey: string | undefined;
  /** Where the API key came from, for people. */
  readonly apiKeySource: string;
  readonly urls: Readonly<Record<ServiceName, string>>;
  /** Empty: the API key's own. */
  readonly account: string;
  readonly timeoutMs: number;
}

/** The settings: the command line goes before the environment, and that before the profile. */
export async function readSettings(
  terminal: Terminal,
  options: GlobalOptions,
  warn: (text: string) => void,
): Promise<Settings> {
  const environment = readEnvironment(terminal);
  const path = configPath(terminal);
  const { name, profile } = selectProfile(terminal, options, await readConfigFile(path, warn), path);
  return {
    apiKey: environment.PORTCULLIS_API_KEY ?? profile.apiKey,
    apiKeySource: environment.PORTCULLIS_API_KEY === undefined ? `the profile ${name}` : "PORTCULLIS_API_KEY",
    urls: urlsOf(environment, profile),
    account: options.account ?? profile.account ?? "",
    timeoutMs: options.timeout,
  };
}

/** The environment before the profile; in each, a service's own address before the gateway's, which serves all. */
function urlsOf(environment: ReturnType<typeof readEnvironment>, profile: Profile): Settings["urls"] {
  const first = (inEnvironment: string | undefined, inProfile: string | undefined, otherwise: string) =>
    inEnvironment ?? environment.PORTCULLIS_URL ?? inProfile ?? profile.url ?? otherwise;
  const { PORTCULLIS_IDENTITY_URL, PORTCULLIS_AUTHORIZATION_URL, PORTCULLIS_CREDENTIAL_URL } = environment;
  return {
    identity: first(PORTCULLIS_IDENTITY_URL, profile.identityUrl, "http://127.0.0.1:7401"),
    authorization: first(PORTCULLIS_AUTHORIZATION_URL, profile.authorizationUrl, "http://127.0.0.1:7402"),
    credential: first(PORTCULLIS_CREDENTIAL_URL, profile.credentialUrl, "http://127.0.0.1:7403"),
  };
}

/** The environment's part of the settings. An empty variable is how shells and compose files say "not set". */
export function readEnvironment({ environment }: Terminal) {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = environmentSchema.safeParse(set);
  if (parsed.success) return parsed.data;
  throw CliError.config(`${problemsOf(parsed.error)}.`);
}

function selectProfile(
  { environment }: Terminal,
  options: GlobalOptions,
  { profiles }: ConfigFile,
  path: string,
): { readonly name: string; readonly profile: Profile } {
  const fromEnvironment = environment["PORTCULLIS_PROFILE"];
  const asked = options.profile ?? (fromEnvironment === "" ? undefined : fromEnvironment);
  const name = asked ?? "default";
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile !== undefined) return { name, profile };
  if (asked === undefined) return { name, profile: {} };
  const known = Object.keys(profiles).join(", ");
  throw CliError.config(
    `There is no profile ${name} in ${path}.`,
    known === "" ? "Make it with `portcullis profile set`." : `There are: ${known}.`,
  );
}
