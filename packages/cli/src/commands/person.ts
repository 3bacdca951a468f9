import {
  ConfirmEmailChangeResponseSchema,
  RequestPasswordResetResponseSchema,
  ResetPasswordResponseSchema,
  SignUpResponseSchema,
  VerifyEmailResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import { Command } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { type ChangeOptions, withChangeOptions } from "../input/options.ts";
import { readSecret, readSecrets } from "../input/standard-input.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";
import { addSecondFactorByPassword } from "./person-second-factor.ts";
import { addSignIn } from "./person-sign-in.ts";

interface SignUpOptions extends ChangeOptions {
  readonly name?: string;
  readonly accountName?: string;
  readonly invitation?: true;
}

const linkToken = "token of the mail's link";

/** `portcullis person …` */
export function personCommand(runner: Runner): Command {
  const command = new Command("person").description(
    "for people who have no session yet: sign up and in, by password or by a mail's link; needs no API key",
  );
  withExamples(
    withChangeOptions(command.command("sign-up")),
    "portcullis person sign-up ann@example.com --name Ann --account-name Example < password.txt",
    "portcullis person sign-up ann@example.com --invitation < password-and-link-token.txt",
  )
    .description(
      "create a user, and an account or, by an invitation, none; the password comes on standard input",
    )
    .argument("<email>", "the address, which a mail's link then verifies")
    .option("--name <name>", "what others see")
    .option("--account-name <name>", "the new account's name; not with --invitation")
    .option("--invitation", "join an account: the token of the invitation's link is the second line")
    .action(runner.withOpenSession(signUp));
  withExamples(
    withChangeOptions(command.command("verify-email")),
    "portcullis person verify-email < link-token.txt",
  )
    .description("verify the address; the token of the mail's link comes on standard input")
    .action(runner.withOpenSession(verifyEmail));
  addSignIn(command, runner);
  withExamples(
    withChangeOptions(command.command("request-password-reset")),
    "portcullis person request-password-reset ann@example.com",
  )
    .description("have a link mailed with which a new password can be set")
    .argument("<email>", "the address")
    .action(runner.withOpenSession(requestPasswordReset));
  withExamples(
    withTakeAwayOptions(command.command("reset-password")),
    "portcullis person reset-password < link-token-and-password.txt",
  )
    .description("set a new password; the link's token and the password come on standard input, a line each")
    .action(runner.withOpenSession(resetPassword));
  withExamples(
    withChangeOptions(command.command("confirm-email-change")),
    "portcullis person confirm-email-change < link-token.txt",
  )
    .description("take a new address; the token of the mail's link comes on standard input")
    .action(runner.withOpenSession(confirmEmailChange));
  addSecondFactorByPassword(command, runner);
  return command;
}

async function signUp(session: Session, email: string, options: SignUpOptions): Promise<void> {
  const { clients, printer, terminal } = session;
  const { password, [linkToken]: invitationToken } = options.invitation
    ? await readSecrets(terminal, ["password", linkToken])
    : { ...(await readSecrets(terminal, ["password"])), [linkToken]: "" };
  const request = {
    email,
    password,
    displayName: options.name ?? "",
    accountDisplayName: options.accountName ?? "",
    invitationToken,
  };
  const response = await session.change(options, (requestId, call) =>
    clients.users.signUp({ ...request, requestId }, call),
  );
  const text = options.invitation
    ? "You have joined. Sign in with `portcullis person sign-in`."
    : `A mail with a link goes to ${email}. Give its token to \`portcullis person verify-email\`.`;
  printer.answer(SignUpResponseSchema, response, () => doneView(text));
}

async function verifyEmail(session: Session, options: ChangeOptions): Promise<void> {
  const token = await readSecret(session.terminal, linkToken);
  const response = await session.change(options, (requestId, call) =>
    session.clients.users.verifyEmail({ token, requestId }, call),
  );
  session.printer.answer(VerifyEmailResponseSchema, response, () =>
    doneView("The address is verified. Sign in with `portcullis person sign-in`."),
  );
}

async function requestPasswordReset(session: Session, email: string, options: ChangeOptions): Promise<void> {
  const response = await session.change(options, (requestId, call) =>
    session.clients.users.requestPasswordReset({ email, requestId }, call),
  );
  session.printer.answer(RequestPasswordResetResponseSchema, response, () =>
    doneView(`If ${email} has a user, a mail with a link goes there.`),
  );
}

async function resetPassword(session: Session, options: TakeAwayOptions): Promise<void> {
  const secrets = await readSecrets(session.terminal, [linkToken, "new password"]);
  const request = { token: secrets[linkToken], newPassword: secrets["new password"] };
  const response = await takeAway(session, options, (requestId, call) =>
    session.clients.users.resetPassword({ ...request, requestId }, call),
  );
  session.printer.answer(ResetPasswordResponseSchema, response, ({ receipt }) =>
    doneView("The new password is set; all sessions have ended.", receipt),
  );
}

async function confirmEmailChange(session: Session, options: ChangeOptions): Promise<void> {
  const token = await readSecret(session.terminal, linkToken);
  const response = await session.change(options, (requestId, call) =>
    session.clients.users.confirmEmailChange({ token, requestId }, call),
  );
  session.printer.answer(ConfirmEmailChangeResponseSchema, response, () =>
    doneView("The new address is yours."),
  );
}
