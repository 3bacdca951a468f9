import {
  EndAllSessionsResponseSchema,
  EndSessionResponseSchema,
  EndUserSessionsResponseSchema,
  ListSessionsResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/session_pb.ts";
import { Command } from "commander";
import { showList } from "../call/list.ts";
import { memberForms, resolveMember, resolveUser } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { type ListOptions, withListOptions } from "../input/options.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";
import { sessionsView } from "./session-view.ts";

/** `portcullis session …` */
export function sessionCommand(runner: Runner): Command {
  const command = new Command("session").description("sessions: people who have signed in");
  withExamples(withListOptions(command.command("list")), "portcullis session list --owner ann@example.com")
    .description("list the sessions in the account, newest first")
    .option("--owner <member>", `of this member only: ${memberForms}`)
    .action(runner.withSession(list));
  withExamples(
    withTakeAwayOptions(command.command("end")),
    "portcullis session end cred_01h455vb4pex5vsknk084sn02q",
  )
    .description("end a session; it is refused from now on")
    .argument("<id>", "cred_...")
    .action(runner.withSession(end));
  withExamples(withTakeAwayOptions(command.command("end-all")), "portcullis session end-all ann@example.com")
    .description("end all sessions of a member in the account")
    .argument("<member>", memberForms)
    .action(runner.withSession(endAll));
  withExamples(command.command("end-everywhere"), "portcullis session end-everywhere ann@example.com")
    .description("sign a person out of all accounts; for operators")
    .argument("<person>", `${memberForms} of a member of the account`)
    .action(runner.withSession(endEverywhere));
  return command;
}

async function list(session: Session, options: ListOptions & { readonly owner?: string }): Promise<void> {
  const { account: accountId, clients } = session;
  const ownerId = options.owner === undefined ? "" : await resolveMember(session, options.owner);
  await showList(session, options, {
    desc: ListSessionsResponseSchema,
    read: (page, call) => clients.sessions.listSessions({ ...page, accountId, ownerId }, call),
    items: ({ sessions }) => sessions,
    view: sessionsView,
  });
}

async function end(session: Session, sessionId: string, options: TakeAwayOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const response = await takeAway(session, options, (requestId, call) =>
    clients.sessions.endSession({ accountId, sessionId, requestId }, call),
  );
  printer.answer(EndSessionResponseSchema, response, ({ receipt }) =>
    doneView(`Ended ${sessionId}.`, receipt),
  );
}

async function endAll(session: Session, member: string, options: TakeAwayOptions): Promise<void> {
  const { account: accountId, clients, printer } = session;
  const ownerId = await resolveMember(session, member);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.sessions.endAllSessions({ accountId, ownerId, requestId }, call),
  );
  printer.answer(EndAllSessionsResponseSchema, response, ({ endedCount, receipt }) =>
    doneView(`Ended ${endedCount} sessions of ${ownerId}.`, receipt),
  );
}

async function endEverywhere(session: Session, person: string): Promise<void> {
  const { clients, printer } = session;
  const userId = await resolveUser(session, person);
  // Repeatable by itself: it has no request id.
  const response = await session.change({}, (_requestId, call) =>
    clients.sessions.endUserSessions({ userId }, call),
  );
  printer.answer(EndUserSessionsResponseSchema, response, ({ endedCount }) =>
    doneView(`Ended ${endedCount} sessions of ${userId}, in all accounts.`),
  );
}
