import {
  ConfirmSecondFactorResponseSchema,
  EnrolSecondFactorResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/sign_in_pb.ts";
import type { Command } from "commander";
import type { Session } from "../call/session.ts";
import { withExamples } from "../input/example.ts";
import { readSecrets } from "../input/standard-input.ts";
import { keepReceipt, type ReceiptOptions, withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { recoveryCodesView, totpView } from "./second-factor-view.ts";

/** Adds `enrol-second-factor` and `confirm-second-factor`, for who can't sign in before having one. */
export function addSecondFactorByPassword(command: Command, runner: Runner): void {
  withExamples(
    command.command("enrol-second-factor"),
    "portcullis person enrol-second-factor ann@example.com < password.txt",
  )
    .description("make a secret for an authenticator app, for an account that requires a second factor")
    .argument("<email>", "the address")
    .action(runner.withOpenSession(enrol));
  withExamples(
    withReceiptOption(command.command("confirm-second-factor")),
    "portcullis person confirm-second-factor ann@example.com < password-and-code.txt",
  )
    .description(
      "confirm it with a code of the app; the password and the code come on standard input, a line each",
    )
    .argument("<email>", "the address")
    .action(runner.withOpenSession(confirm));
}

async function enrol({ clients, printer, read, terminal }: Session, email: string): Promise<void> {
  const { password } = await readSecrets(terminal, ["password"]);
  // Not repeated: each call makes another secret.
  const response = await read((call) => clients.signIn.enrolSecondFactor({ email, password }, call));
  printer.answer(EnrolSecondFactorResponseSchema, response, totpView);
  printer.note("Put it into the app, then `portcullis person confirm-second-factor`.");
}

async function confirm(session: Session, email: string, options: ReceiptOptions): Promise<void> {
  const { clients, printer, terminal } = session;
  const { password, code } = await readSecrets(terminal, ["password", "code"]);
  const response = await keepReceipt(printer, options, () =>
    session.read((call) => clients.signIn.confirmSecondFactor({ email, password, code }, call)),
  );
  printer.answer(ConfirmSecondFactorResponseSchema, response, recoveryCodesView);
}
