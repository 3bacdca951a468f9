import {
  ChangePasswordResponseSchema,
  RequestEmailChangeResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import type { Command } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { type ChangeOptions, withChangeOptions } from "../input/options.ts";
import { readSecrets } from "../input/standard-input.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";

/** Adds `change-password` and `request-email-change`. */
export function addOwnSecrets(command: Command, runner: Runner): void {
  withExamples(
    withTakeAwayOptions(command.command("change-password")),
    "portcullis me change-password < both-passwords.txt",
  )
    .description("change the password: the current and the new one come on standard input, a line each")
    .action(runner.withSession(changePassword));
  withExamples(
    withChangeOptions(command.command("request-email-change")),
    "portcullis me request-email-change ann@example.org < password.txt",
  )
    .description("have a link mailed to a new address; the password comes on standard input")
    .argument("<email>", "the new address")
    .action(runner.withSession(requestEmailChange));
}

async function changePassword(session: Session, options: TakeAwayOptions): Promise<void> {
  const secrets = await readSecrets(session.terminal, ["current password", "new password"]);
  const request = { currentPassword: secrets["current password"], newPassword: secrets["new password"] };
  const response = await takeAway(session, options, (requestId, call) =>
    session.clients.users.changePassword({ ...request, requestId }, call),
  );
  session.printer.answer(ChangePasswordResponseSchema, response, ({ receipt }) =>
    doneView("The password is changed; the sessions of all other sign-ins have ended.", receipt),
  );
}

async function requestEmailChange(session: Session, newEmail: string, options: ChangeOptions): Promise<void> {
  const { password } = await readSecrets(session.terminal, ["password"]);
  const response = await session.change(options, (requestId, call) =>
    session.clients.users.requestEmailChange({ password, newEmail, requestId }, call),
  );
  session.printer.answer(RequestEmailChangeResponseSchema, response, () =>
    doneView(
      `A mail with a link goes to ${newEmail}. Give its token to \`portcullis person confirm-email-change\`.`,
    ),
  );
}
