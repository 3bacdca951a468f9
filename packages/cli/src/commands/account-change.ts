import {
  AssignPlanResponseSchema,
  CreateAccountResponseSchema,
  UpdateAccountResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import type { Command } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayEtagOptions, takeAway } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { maskOf } from "../input/mask.ts";
import {
  type ChangeOptions,
  type EtagOptions,
  withChangeOptions,
  withEtagOptions,
} from "../input/options.ts";
import { withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { accountView } from "./account-view.ts";

interface UpdateOptions extends TakeAwayEtagOptions {
  readonly displayName?: string;
  readonly requireMfa?: boolean;
}

/** Adds `create`, `update` and `assign-plan`. */
export function addAccountChanges(command: Command, runner: Runner): void {
  withExamples(withChangeOptions(command.command("create")), 'portcullis account create "Example Inc."')
    .description("create an account; for operators")
    .argument("<name>", "what people call it")
    .action(runner.withSession(create));
  withExamples(
    withReceiptOption(withEtagOptions(command.command("update"))),
    "portcullis account update --display-name Example --require-mfa",
  )
    .description("change an account's settings")
    .argument("[id]", "acct_...; that of --account, else the API key's own, if not given")
    .option("--display-name <name>", "the new name")
    .option("--require-mfa", "members need a second factor: ends the sessions of those who have none")
    .option("--no-require-mfa", "they don't")
    .action(runner.withSession(update));
  withExamples(
    withEtagOptions(command.command("assign-plan")),
    "portcullis account assign-plan unlimited acct_01h455vb4pex5vsknk084sn02q",
  )
    .description("put an account on a plan, from which its limits come; for operators")
    .argument("<plan>", "e.g. unlimited")
    .argument("[id]", "acct_...; that of --account, else the API key's own, if not given")
    .action(runner.withSession(assignPlan));
}

async function create(session: Session, displayName: string, options: ChangeOptions): Promise<void> {
  const response = await session.change(options, (requestId, call) =>
    session.clients.accounts.createAccount({ displayName, requestId }, call),
  );
  session.printer.answer(CreateAccountResponseSchema, response, ({ account }) => accountView(account));
}

async function update(session: Session, id: string | undefined, options: UpdateOptions): Promise<void> {
  const { displayName, requireMfa, etag = "" } = options;
  const request = {
    accountId: id ?? session.account,
    displayName: displayName ?? "",
    mfaRequired: requireMfa ?? false,
    updateMask: maskOf({ display_name: displayName, mfa_required: requireMfa }),
    etag,
  };
  const response = await takeAway(session, options, (requestId, call) =>
    session.clients.accounts.updateAccount({ ...request, requestId }, call),
  );
  session.printer.answer(UpdateAccountResponseSchema, response, ({ account, receipt }) =>
    accountView(account, receipt),
  );
}

async function assignPlan(
  session: Session,
  planId: string,
  id: string | undefined,
  options: EtagOptions,
): Promise<void> {
  const request = { accountId: id ?? session.account, planId, etag: options.etag ?? "" };
  const response = await session.change(options, (requestId, call) =>
    session.clients.accounts.assignPlan({ ...request, requestId }, call),
  );
  session.printer.answer(AssignPlanResponseSchema, response, ({ account }) => accountView(account));
}
