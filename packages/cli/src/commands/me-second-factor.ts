import {
  ConfirmTotpResponseSchema,
  DisableTotpResponseSchema,
  EnrolTotpResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/user_pb.ts";
import type { Command } from "commander";
import type { Session } from "../call/session.ts";
import { type TakeAwayOptions, takeAway, withTakeAwayOptions } from "../call/take-away.ts";
import { withExamples } from "../input/example.ts";
import { readSecrets } from "../input/standard-input.ts";
import { keepReceipt, type ReceiptOptions, withReceiptOption } from "../output/receipt-file.ts";
import type { Runner } from "../runner.ts";
import { doneView } from "./in-force-view.ts";
import { recoveryCodesView, totpView } from "./second-factor-view.ts";

/** Adds `enrol-totp`, `confirm-totp` and `disable-totp`. */
export function addOwnSecondFactor(command: Command, runner: Runner): void {
  withExamples(command.command("enrol-totp"), "portcullis me enrol-totp < password.txt")
    .description("make a secret for an authenticator app; the password comes on standard input")
    .action(runner.withSession(enrol));
  withExamples(withReceiptOption(command.command("confirm-totp")), "portcullis me confirm-totp < code.txt")
    .description("confirm it with a code of the app, on standard input; shows the recovery codes this once")
    .action(runner.withSession(confirm));
  withExamples(
    withTakeAwayOptions(command.command("disable-totp")),
    "portcullis me disable-totp < password-and-code.txt",
  )
    .description(
      "end the use of a second factor; the password and a code come on standard input, a line each",
    )
    .action(runner.withSession(disable));
}

async function enrol({ clients, printer, read, terminal }: Session): Promise<void> {
  const { password } = await readSecrets(terminal, ["password"]);
  // Not repeated: each call makes another secret.
  const response = await read((call) => clients.users.enrolTotp({ password }, call));
  printer.answer(EnrolTotpResponseSchema, response, totpView);
  printer.note("Put it into the app, then `portcullis me confirm-totp`.");
}

async function confirm(session: Session, options: ReceiptOptions): Promise<void> {
  const { clients, printer, terminal } = session;
  const { code } = await readSecrets(terminal, ["code"]);
  // Not repeated: the recovery codes are in the first answer only.
  const response = await keepReceipt(printer, options, () =>
    session.read((call) => clients.users.confirmTotp({ code }, call)),
  );
  printer.answer(ConfirmTotpResponseSchema, response, recoveryCodesView);
}

async function disable(session: Session, options: TakeAwayOptions): Promise<void> {
  const { clients, printer, terminal } = session;
  const { password, code } = await readSecrets(terminal, ["password", "code"]);
  const response = await takeAway(session, options, (requestId, call) =>
    clients.users.disableTotp({ password, code, requestId }, call),
  );
  printer.answer(DisableTotpResponseSchema, response, ({ receipt }) =>
    doneView("There is no second factor any more.", receipt),
  );
}
