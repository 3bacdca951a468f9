import {
  DeleteAccountResponseSchema,
  RestoreAccountResponseSchema,
  SuspendAccountResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import type { Command } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayEtagOptions, takeAway } from "../call/take-away.ts";
import { type ConsentOptions, requireConsent } from "../input/consent.ts";
import { withExamples } from "../input/example.ts";
import { type EtagOptions, withEtagOptions } from "../input/options.ts";
import { withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { accountFields, accountView } from "./account-view.ts";
import { wouldStop } from "./dependents-view.ts";
import { doneView, inForceFields } from "./in-force-view.ts";

interface EndOptions extends TakeAwayEtagOptions {
  readonly dryRun?: true;
}

const example = "acct_01h455vb4pex5vsknk084sn02q";

/** Adds `suspend`, `restore` and `delete`. */
export function addAccountVerbs(command: Command, runner: Runner): void {
  withExamples(
    withReceiptOption(withEtagOptions(command.command("suspend"))),
    `portcullis account suspend ${example} --dry-run`,
  )
    .description("refuse every credential of an account from now on, and keep everything; for operators")
    .argument("<id>", "acct_...")
    .option("--dry-run", "change nothing; tell what would stop working")
    .action(runner.withSession(suspend));
  withExamples(withEtagOptions(command.command("restore")), `portcullis account restore ${example}`)
    .description("let a suspended account work again; for operators")
    .argument("<id>", "acct_...")
    .action(runner.withSession(restore));
  withExamples(
    withReceiptOption(withEtagOptions(command.command("delete"))),
    `portcullis account delete ${example} --dry-run`,
    `portcullis account delete ${example} --yes --receipt deleted.json`,
  )
    .description("delete an account with all service users, memberships and credentials, for ever")
    .argument("<id>", "acct_...")
    .option("--dry-run", "change nothing; tell what would be gone")
    .option("--yes", "do not ask")
    .action(runner.withSession(remove));
}

async function suspend(session: Session, accountId: string, options: EndOptions): Promise<void> {
  const { clients, printer } = session;
  const request = { accountId, etag: options.etag ?? "" };
  const response = options.dryRun
    ? await session.read((call) => clients.accounts.suspendAccount({ ...request, validateOnly: true }, call))
    : await takeAway(session, options, (requestId, call) =>
        clients.accounts.suspendAccount({ ...request, requestId }, call),
      );
  printer.answer(SuspendAccountResponseSchema, response, ({ account, dependents, receipt }) => {
    const told = options.dryRun ? [wouldStop(dependents)] : inForceFields(receipt);
    return { kind: "fields", fields: [...accountFields(account), ...told] };
  });
  if (options.dryRun) printer.note("This was a dry run: nothing was changed.");
}

async function restore(session: Session, accountId: string, options: EtagOptions): Promise<void> {
  const request = { accountId, etag: options.etag ?? "" };
  const response = await session.change(options, (requestId, call) =>
    session.clients.accounts.restoreAccount({ ...request, requestId }, call),
  );
  session.printer.answer(RestoreAccountResponseSchema, response, ({ account }) => accountView(account));
}

async function remove(session: Session, accountId: string, options: EndOptions & ConsentOptions) {
  const { clients, printer, terminal } = session;
  const request = { accountId, etag: options.etag ?? "" };
  if (options.dryRun) {
    const response = await session.read((call) =>
      clients.accounts.deleteAccount({ ...request, validateOnly: true }, call),
    );
    printer.answer(DeleteAccountResponseSchema, response, ({ dependents }) => ({
      kind: "fields",
      fields: [["ID", accountId], wouldStop(dependents)],
    }));
    return printer.note("This was a dry run: nothing was changed.");
  }
  await requireConsent(terminal, `Delete ${accountId} with everything in it for ever?`, options);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.accounts.deleteAccount({ ...request, requestId }, call),
  );
  printer.answer(DeleteAccountResponseSchema, response, ({ receipt }) =>
    doneView(`Deleted ${accountId}.`, receipt),
  );
}
