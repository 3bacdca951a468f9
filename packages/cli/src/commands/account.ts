import { create } from "@bufbuild/protobuf";
import { AccountStateSchema } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import {
  type Account,
  CreateAccountResponseSchema,
  GetAccountResponseSchema,
  ListAccountsResponseSchema,
  RestoreAccountResponseSchema,
  SuspendAccountResponseSchema,
  UpdateAccountResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { Command } from "commander";
import { noteIfMore, readPages } from "../call/pages.ts";
import type { Session } from "../call/session.ts";
import { maskOf } from "../input/mask.ts";
import {
  type ChangeOptions,
  type EtagOptions,
  type ListOptions,
  withChangeOptions,
  withEtagOptions,
  withListOptions,
} from "../input/options.ts";
import { keepReceipt, type ReceiptOptions, withReceiptOption } from "../output/receipt-file.ts";
import type { Field, View } from "../output/view.ts";
import { instant, word } from "../output/words.ts";
import type { Runner } from "../runner.ts";
import { wouldStop } from "./dependents-view.ts";
import { inForceFields } from "./in-force-view.ts";

interface SuspendOptions extends EtagOptions, ReceiptOptions {
  readonly dryRun?: true;
}

/** `portcullis account …` */
export function accountCommand(runner: Runner): Command {
  const command = new Command("account").description("accounts: the tenants of the installation");
  command
    .command("get")
    .description("show an account")
    .argument("[id]", "acct_...; that of --account, else the API key's own, if not given")
    .action(runner.withSession(get));
  withListOptions(command.command("list"))
    .description("list all accounts, newest first; for operators")
    .action(runner.withSession(list));
  withChangeOptions(command.command("create"))
    .description("create an account; for operators")
    .argument("<name>", "what people call it")
    .action(runner.withSession(createNew));
  withEtagOptions(command.command("update"))
    .description("change an account's name")
    .argument("[id]", "acct_...; that of --account, else the API key's own, if not given")
    .option("--display-name <name>", "the new name")
    .action(runner.withSession(update));
  withReceiptOption(withEtagOptions(command.command("suspend")))
    .description("refuse every credential of an account from now on, and keep everything; for operators")
    .argument("<id>", "acct_...")
    .option("--dry-run", "change nothing; tell what would stop working")
    .action(runner.withSession(suspend));
  withEtagOptions(command.command("restore"))
    .description("let a suspended account work again; for operators")
    .argument("<id>", "acct_...")
    .action(runner.withSession(restore));
  return command;
}

async function get(session: Session, id = session.account): Promise<void> {
  const response = await session.read((call) => session.clients.accounts.getAccount({ accountId: id }, call));
  session.printer.answer(GetAccountResponseSchema, response, ({ account }) => accountView(account));
}

async function list(session: Session, options: ListOptions): Promise<void> {
  const { clients, printer } = session;
  const { items: accounts, nextPageToken } = await readPages(options, async (pageSize, pageToken) => {
    const page = await session.read((call) => clients.accounts.listAccounts({ pageSize, pageToken }, call));
    return { items: page.accounts, nextPageToken: page.nextPageToken };
  });
  const response = create(ListAccountsResponseSchema, { accounts, nextPageToken });
  printer.answer(ListAccountsResponseSchema, response, () => accountsView(accounts));
  noteIfMore(printer, nextPageToken);
}

async function createNew(session: Session, displayName: string, options: ChangeOptions): Promise<void> {
  const response = await session.change(options, (requestId, call) =>
    session.clients.accounts.createAccount({ displayName, requestId }, call),
  );
  session.printer.answer(CreateAccountResponseSchema, response, ({ account }) => accountView(account));
}

async function update(
  session: Session,
  id: string | undefined,
  options: EtagOptions & { readonly displayName?: string },
): Promise<void> {
  const { displayName, etag = "" } = options;
  const request = {
    accountId: id ?? session.account,
    displayName: displayName ?? "",
    updateMask: maskOf({ display_name: displayName }),
    etag,
  };
  const response = await session.change(options, (requestId, call) =>
    session.clients.accounts.updateAccount({ ...request, requestId }, call),
  );
  session.printer.answer(UpdateAccountResponseSchema, response, ({ account }) => accountView(account));
}

async function suspend(session: Session, accountId: string, options: SuspendOptions): Promise<void> {
  const { clients, printer } = session;
  const request = { accountId, etag: options.etag ?? "" };
  const response = options.dryRun
    ? await session.read((call) => clients.accounts.suspendAccount({ ...request, validateOnly: true }, call))
    : await keepReceipt(printer, options, () =>
        session.change(options, (requestId, call) =>
          clients.accounts.suspendAccount({ ...request, requestId }, call),
        ),
      );
  printer.answer(SuspendAccountResponseSchema, response, ({ account, dependents, receipt }) => {
    const told = options.dryRun ? [wouldStop(dependents)] : inForceFields(receipt);
    return { kind: "fields", fields: [...fieldsOf(account), ...told] };
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

function accountView(account: Account | undefined): View {
  return { kind: "fields", fields: fieldsOf(account) };
}

function fieldsOf(account: Account | undefined): readonly Field[] {
  if (account === undefined) return [];
  return [
    ["ID", account.accountId],
    ["Name", account.displayName],
    ["State", word(AccountStateSchema, account.state)],
    ["Created", instant(account.createTime)],
    ["Changed", instant(account.updateTime)],
    ["Etag", account.etag],
  ];
}

function accountsView(accounts: readonly Account[]): View {
  return {
    kind: "table",
    columns: [{ title: "ID" }, { title: "NAME", cut: true }, { title: "CREATED" }],
    rows: accounts.map((account) => [account.accountId, account.displayName, instant(account.createTime)]),
    empty: "No accounts.",
  };
}
