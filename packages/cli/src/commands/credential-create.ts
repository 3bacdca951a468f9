import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  CreateApiKeyResponseSchema,
  CreateAuthtokenResponseSchema,
  CreateSshKeyResponseSchema,
  type Credential,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { type Command, Option } from "commander";
import { principalForms, resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { CliError } from "../errors.ts";
import { parseDuration } from "../input/duration.ts";
import { withExamples } from "../input/example.ts";
import { instantAfter, parseInstant } from "../input/instant.ts";
import { type ChangeOptions, collect, withChangeOptions } from "../input/options.ts";
import { type PublicKeyOptions, readPublicKey, withPublicKeyOptions } from "../input/public-key.ts";
import type { Runner } from "../runner.ts";
import { credentialView } from "./credential-view.ts";

interface CreateOptions extends ChangeOptions {
  readonly owner?: string;
  readonly description?: string;
  readonly metadata?: string;
  readonly acl?: readonly string[];
  readonly allowIp?: readonly string[];
  readonly expiresIn?: number;
  readonly expiresAt?: Date;
}

/** Adds `create-authtoken`, `create-api-key` and `create-ssh-key`. */
export function addCredentialCreation(command: Command, runner: Runner): void {
  withExamples(
    withAclOption(withCreateOptions(command.command("create-authtoken"))),
    "portcullis credential create-authtoken --owner sa::build-bot --acl 'bind:*.example.com' --expires-in 30d",
  )
    .description("create an authtoken, the credential of agents; its secret is shown this once")
    .action(runner.withSession(createAuthtoken));
  withExamples(
    withCreateOptions(command.command("create-api-key")),
    "portcullis credential create-api-key --owner sa::build-bot --allow-ip 203.0.113.0/24",
  )
    .description("create an API key, for calling the services; its secret is shown this once")
    .action(runner.withSession(createApiKey));
  withExamples(
    withPublicKeyOptions(withAclOption(withCreateOptions(command.command("create-ssh-key")))),
    "portcullis credential create-ssh-key --owner sa::build-bot --public-key-file id_ed25519.pub",
  )
    .description("register an SSH public key")
    .action(runner.withSession(createSshKey));
}

async function createAuthtoken(session: Session, options: CreateOptions): Promise<void> {
  const { request, repeatWith } = await prepare(session, options);
  const aclRules = [...(options.acl ?? [])];
  const response = await session.change({ ...options, repeatWith }, (requestId, call) =>
    session.clients.credentials.createAuthtoken({ ...request, aclRules, requestId }, call),
  );
  showSecret(session, "authtoken", CreateAuthtokenResponseSchema, response);
}

async function createApiKey(session: Session, options: CreateOptions): Promise<void> {
  const { request, repeatWith } = await prepare(session, options);
  const response = await session.change({ ...options, repeatWith }, (requestId, call) =>
    session.clients.credentials.createApiKey({ ...request, requestId }, call),
  );
  showSecret(session, "API key", CreateApiKeyResponseSchema, response);
}

async function createSshKey(session: Session, options: CreateOptions & PublicKeyOptions): Promise<void> {
  const publicKey = await readPublicKey(options);
  const { request, repeatWith } = await prepare(session, options);
  const aclRules = [...(options.acl ?? [])];
  const response = await session.change({ ...options, repeatWith }, (requestId, call) =>
    session.clients.credentials.createSshKey({ ...request, publicKey, aclRules, requestId }, call),
  );
  session.printer.answer(CreateSshKeyResponseSchema, response, ({ credential }) =>
    credentialView(credential),
  );
}

/** What all kinds have in common. */
async function prepare(session: Session, options: CreateOptions) {
  const { owner, description = "", metadata = "", allowIp = [], expiresIn, expiresAt } = options;
  const expiry = expiresIn === undefined ? expiresAt : instantAfter(expiresIn, new Date());
  const ownerId = owner === undefined ? "" : (await resolvePrincipal(session, owner)).principalId;
  return {
    request: {
      accountId: session.account,
      ownerId,
      description,
      metadata,
      allowedIpRanges: [...allowIp],
      ...(expiry === undefined ? {} : { expireTime: timestampFromDate(expiry) }),
    },
    // Counted from another moment it would be another request.
    repeatWith:
      expiresIn === undefined ? "" : `--expires-at ${expiry?.toISOString()} instead of --expires-in`,
  };
}

/** Shows a new secret, alone on standard output; what is to be said about it goes beside it. */
function showSecret<Desc extends DescMessage>(
  { printer }: Session,
  kind: string,
  desc: Desc,
  response: MessageShape<Desc> & { readonly credential?: Credential | undefined; readonly token: string },
): void {
  const id = response.credential?.credentialId ?? "";
  if (response.token === "") {
    // The first attempt made it, and its answer got lost; a repeat does not show the secret.
    throw new CliError(
      "data_loss",
      `The ${kind} ${id} was created, but the answer with its secret got lost. Nobody can read it any more.`,
      `Delete it with \`portcullis credential delete ${id}\` and create another one.`,
    );
  }
  if (printer.isJson) {
    printer.answer(desc, response, () => credentialView(response.credential));
    return;
  }
  printer.secret(response.token);
  const owner = response.credential?.ownerId ?? "";
  printer.note(
    `Created the ${kind} ${id} of ${owner}. Its secret is shown this once: keep it now, it can't be read again.`,
  );
}

function withCreateOptions(command: Command): Command {
  return withChangeOptions(command)
    .option("--owner <principal>", `${principalForms}; the API key's own if not given`)
    .option("--description <text>", "what it is for")
    .option("--metadata <text>", "free text for programs")
    .addOption(
      new Option(
        "--allow-ip <range>",
        "an address or CIDR range it works from; may be given several times",
      ).argParser(collect),
    )
    .addOption(
      new Option("--expires-in <duration>", "how long it works, e.g. 30d or 12h").argParser(parseDuration),
    )
    .addOption(
      new Option("--expires-at <time>", "until when it works, e.g. 2030-01-31T12:00:00Z")
        .argParser(parseInstant)
        .conflicts("expiresIn"),
    );
}

function withAclOption(command: Command): Command {
  return command.addOption(
    new Option(
      "--acl <rule>",
      "what it may be used for, e.g. bind:*.example.com; may be given several times; everything if not given",
    ).argParser(collect),
  );
}
