import {
  EndOwnSessionResponseSchema,
  ListOwnSessionsResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import {
  SignOutResponseSchema,
  SwitchAccountResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import type { Command } from "commander";
import { showList } from "../call/list.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { type ListOptions, withListOptions } from "../input/options.ts";
import { keepReceipt, type ReceiptOptions, withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";
import { showSession } from "./session-secret.ts";
import { sessionsView } from "./session-view.ts";

/** Adds `sessions`, `end-session`, `switch-account` and `sign-out`. */
export function addOwnSessions(command: Command, runner: Runner): void {
  withExamples(withListOptions(command.command("sessions")), "portcullis me sessions")
    .description("list one's own sessions in the account, newest first")
    .action(runner.withSession(list));
  withExamples(
    withTakeAwayOptions(command.command("end-session")),
    "portcullis me end-session cred_01h455vb4pex5vsknk084sn02q",
  )
    .description("end one of one's own sessions; it is refused from now on")
    .argument("[id]", "cred_...; the one that this is called with, if not given")
    .action(runner.withSession(end));
  withExamples(
    command.command("switch-account"),
    "portcullis me switch-account acct_01h455vb4pex5vsknk084sn02q",
  )
    .description("get a session in another account of the person, by a session; its token is shown this once")
    .argument("<account>", "acct_...")
    .action(runner.withSession(switchAccount));
  withExamples(withReceiptOption(command.command("sign-out")), "portcullis me sign-out")
    .description("end the sign-in that the session belongs to, in all accounts")
    .action(runner.withSession(signOut));
}

async function list(session: Session, options: ListOptions): Promise<void> {
  const { clients } = session;
  await showList(session, options, {
    desc: ListOwnSessionsResponseSchema,
    read: (page, call) => clients.sessions.listOwnSessions(page, call),
    items: ({ sessions }) => sessions,
    view: sessionsView,
  });
}

async function end(session: Session, id: string | undefined, options: TakeAwayOptions): Promise<void> {
  const sessionId = id ?? "";
  const response = await takeAway(session, options, (requestId, call) =>
    session.clients.sessions.endOwnSession({ sessionId, requestId }, call),
  );
  session.printer.answer(EndOwnSessionResponseSchema, response, ({ receipt }) =>
    doneView(`Ended ${id ?? "this session"}.`, receipt),
  );
}

async function switchAccount(session: Session, account: string): Promise<void> {
  // Each call creates a session, so it is not repeated.
  const response = await session.read((call) => session.clients.signIn.switchAccount({ account }, call));
  showSession(session, SwitchAccountResponseSchema, response);
}

async function signOut(session: Session, options: ReceiptOptions): Promise<void> {
  const { clients, printer } = session;
  // Not repeated: what has ended can't call again.
  const response = await keepReceipt(printer, options, () =>
    session.read((call) => clients.signIn.signOut({}, call)),
  );
  printer.answer(SignOutResponseSchema, response, ({ receipt }) => doneView("Signed out.", receipt));
}
