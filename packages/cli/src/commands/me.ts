import {
  LeaveAccountResponseSchema,
  ListOwnMembershipsResponseSchema,
  MembershipStateSchema,
} from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import {
  DeleteUserResponseSchema,
  GetUserResponseSchema,
  UpdateUserResponseSchema,
  type User,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { Command } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { type ConsentOptions, requireConsent } from "../input/consent.ts";
import { withExamples } from "../input/example.ts";
import { maskOf } from "../input/mask.ts";
import { type EtagOptions, withEtagOptions } from "../input/options.ts";
import { readSecrets } from "../input/standard-input.ts";
import { keepReceipt, type ReceiptOptions, withReceiptOption } from "../output/receipt-file.ts";
import type { View } from "../output/view.ts";
import { instant, word } from "../output/words.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";
import { addOwnSecondFactor } from "./me-second-factor.ts";
import { addOwnSecrets } from "./me-secrets.ts";
import { addOwnSessions } from "./me-sessions.ts";

/** `portcullis me …` */
export function meCommand(runner: Runner): Command {
  const command = new Command("me").description("the person whose API key or session this is");
  withExamples(command.command("get"), "portcullis me get")
    .description("show the profile")
    .action(runner.withSession(get));
  withExamples(withEtagOptions(command.command("update")), 'portcullis me update --name "Ann Smith"')
    .description("change what others see")
    .option("--name <name>", "the new name")
    .action(runner.withSession(update));
  withExamples(command.command("accounts"), "portcullis me accounts")
    .description("list the accounts that the person is a member of, in the order of joining")
    .action(runner.withSession(accounts));
  addOwnSecrets(command, runner);
  addOwnSecondFactor(command, runner);
  addOwnSessions(command, runner);
  withExamples(withTakeAwayOptions(command.command("leave")), "portcullis me leave --yes")
    .description("leave the account that the API key or session works for, for ever")
    .option("--yes", "do not ask")
    .action(runner.withSession(leave));
  withExamples(withReceiptOption(command.command("delete")), "portcullis me delete --yes < password.txt")
    .description("delete the person with all memberships, for ever; the password comes on standard input")
    .option("--yes", "do not ask")
    .action(runner.withSession(remove));
  return command;
}

async function get({ clients, printer, read }: Session): Promise<void> {
  const response = await read((call) => clients.users.getUser({}, call));
  printer.answer(GetUserResponseSchema, response, ({ user }) => userView(user));
}

async function update(session: Session, options: EtagOptions & { readonly name?: string }): Promise<void> {
  const { name, etag = "" } = options;
  const request = { displayName: name ?? "", updateMask: maskOf({ display_name: name }), etag };
  const response = await session.change(options, (requestId, call) =>
    session.clients.users.updateUser({ ...request, requestId }, call),
  );
  session.printer.answer(UpdateUserResponseSchema, response, ({ user }) => userView(user));
}

async function accounts({ clients, printer, read }: Session): Promise<void> {
  const response = await read((call) => clients.memberships.listOwnMemberships({}, call));
  printer.answer(ListOwnMembershipsResponseSchema, response, ({ memberships }) => ({
    kind: "table",
    columns: [{ title: "ACCOUNT" }, { title: "NAME", cut: true }, { title: "AS" }, { title: "STATE" }],
    rows: memberships.map((own) => [
      own.accountId,
      own.accountDisplayName,
      own.principalId,
      word(MembershipStateSchema, own.state),
    ]),
    empty: "No accounts.",
  }));
}

async function leave(session: Session, options: TakeAwayOptions & ConsentOptions): Promise<void> {
  await requireConsent(session.terminal, "Leave the account with all credentials in it for ever?", options);
  const response = await takeAway(session, options, (requestId, call) =>
    session.clients.memberships.leaveAccount({ requestId }, call),
  );
  session.printer.answer(LeaveAccountResponseSchema, response, ({ receipt }) =>
    doneView("You have left the account.", receipt),
  );
}

async function remove(session: Session, options: ReceiptOptions & ConsentOptions): Promise<void> {
  const { clients, printer, terminal } = session;
  await requireConsent(terminal, "Delete yourself in all accounts for ever?", options);
  const { password } = await readSecrets(terminal, ["password"]);
  // Not repeated: whoever is deleted has no credential to repeat it with.
  const response = await keepReceipt(printer, options, () =>
    session.read((call) => clients.users.deleteUser({ password }, call)),
  );
  printer.answer(DeleteUserResponseSchema, response, ({ receipt }) => doneView("Deleted.", receipt));
}

function userView(user: User | undefined): View {
  if (user === undefined) return { kind: "fields", fields: [] };
  return {
    kind: "fields",
    fields: [
      ["ID", user.userId],
      ["E-mail", user.email],
      ["Verified", user.emailVerified ? "yes" : "no"],
      ["Name", user.displayName],
      ["Second factor", user.totpEnabled ? `yes, ${user.recoveryCodesLeft} recovery codes left` : "no"],
      ["Created", instant(user.createTime)],
      ["Changed", instant(user.updateTime)],
      ["Etag", user.etag],
    ],
  };
}
