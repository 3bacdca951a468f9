import {
  GetAccountResponseSchema,
  ListAccountsResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { Command } from "commander";
import { showList } from "../call/list.ts";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { type ListOptions, withListOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { addAccountChanges } from "./account-change.ts";
import { addAccountVerbs } from "./account-verbs.ts";
import { accountsView, accountView } from "./account-view.ts";

/** `portcullis account …` */
export function accountCommand(runner: Runner): Command {
  const command = new Command("account").description("accounts: the tenants of the installation");
  withExamples(command.command("get"), "portcullis account get")
    .description("show an account")
    .argument("[id]", "acct_...; that of --account, else the API key's own, if not given")
    .action(runner.withSession(get));
  withExamples(withListOptions(command.command("list")), "portcullis account list --all")
    .description("list all accounts, newest first; for operators")
    .action(runner.withSession(list));
  addAccountChanges(command, runner);
  addAccountVerbs(command, runner);
  return command;
}

async function get(session: Session, id = session.account): Promise<void> {
  const response = await session.read((call) => session.clients.accounts.getAccount({ accountId: id }, call));
  session.printer.answer(GetAccountResponseSchema, response, ({ account }) => accountView(account));
}

async function list(session: Session, options: ListOptions): Promise<void> {
  await showList(session, options, {
    desc: ListAccountsResponseSchema,
    read: (page, call) => session.clients.accounts.listAccounts(page, call),
    items: ({ accounts }) => accounts,
    view: accountsView,
  });
}
