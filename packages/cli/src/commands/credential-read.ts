import { create } from "@bufbuild/protobuf";
import {
  CredentialKind,
  GetCredentialResponseSchema,
  ListCredentialsResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { type Command, Option } from "commander";
import { noteIfMore, readPages } from "../call/pages.ts";
import { principalForms, resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { collectWords, type ListOptions, withListOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { credentialsView, credentialView } from "./credential-view.ts";

/** The kinds of credentials, as they are named on the command line. */
export const credentialKinds: ReadonlyMap<string, CredentialKind> = new Map<string, CredentialKind>([
  ["authtoken", CredentialKind.AUTHTOKEN],
  ["api-key", CredentialKind.API_KEY],
  ["ssh-key", CredentialKind.SSH_KEY],
]);

interface ListCredentialsOptions extends ListOptions {
  readonly owner?: string;
  readonly kind?: readonly CredentialKind[];
}

/** Adds `get` and `list`. */
export function addCredentialReads(command: Command, runner: Runner): void {
  withExamples(command.command("get"), "portcullis credential get cred_01h455vb4pex5vsknk084sn02q")
    .description("show a credential, without its secret")
    .argument("<id>", "cred_...")
    .action(runner.withSession(get));
  withExamples(
    withListOptions(command.command("list")),
    "portcullis credential list --owner ann@example.com --kind api-key",
  )
    .description("list credentials, newest first")
    .option("--owner <principal>", `of this one only: ${principalForms}`)
    .addOption(
      new Option("--kind <kind>", "authtoken, api-key or ssh-key; may be given several times").argParser(
        collectWords(credentialKinds),
      ),
    )
    .action(runner.withSession(list));
}

async function get(session: Session, credentialId: string): Promise<void> {
  const request = { accountId: session.account, credentialId };
  const response = await session.read((call) => session.clients.credentials.getCredential(request, call));
  session.printer.answer(GetCredentialResponseSchema, response, ({ credential }) =>
    credentialView(credential),
  );
}

async function list(session: Session, options: ListCredentialsOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const ownerId =
    options.owner === undefined ? "" : (await resolvePrincipal(session, options.owner)).principalId;
  const filter = { ownerId, kinds: [...(options.kind ?? [])] };
  const { items: credentials, nextPageToken } = await readPages(options, async (pageSize, pageToken) => {
    const request = { accountId, pageSize, pageToken, filter };
    const page = await session.read((call) => clients.credentials.listCredentials(request, call));
    return { items: page.credentials, nextPageToken: page.nextPageToken };
  });
  const response = create(ListCredentialsResponseSchema, { credentials, nextPageToken });
  printer.answer(ListCredentialsResponseSchema, response, () => credentialsView(credentials));
  noteIfMore(printer, nextPageToken);
}
