import {
  CheckReasonSchema,
  type CheckResponse,
  CheckResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { Command } from "commander";
import { resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { CliError } from "../errors.ts";
import type { View } from "../output/view.ts";
import { word } from "../output/words.ts";
import type { Runner } from "../runner.ts";

/** `portcullis check <principal> <permission>` */
export function checkCommand(runner: Runner): Command {
  return new Command("check")
    .description("may this principal do that? ends in 0 if so, in 3 if not")
    .argument("<principal>", "user_..., svc_... or sa::<name>")
    .argument("<permission>", "e.g. credential.credentials.write")
    .option("--subject-account <id>", "the principal's account, if it is not the one that is asked about")
    .action(runner.asking(check));
}

async function check(
  session: Session,
  principal: string,
  permissionId: string,
  options: { readonly subjectAccount?: string },
): Promise<boolean> {
  const { account: accountId, clients, printer } = session;
  const resolved = await resolvePrincipal(session, principal);
  const subjectAccount =
    options.subjectAccount ?? resolved.accountId ?? (accountId || (await ownAccount(session)));
  const subject = { accountId: subjectAccount, principalId: resolved.principalId };
  const response = await session.read((call) =>
    clients.check.check({ subject, permissionId, accountId }, call),
  );
  printer.answer(CheckResponseSchema, response, checkView);
  return response.allowed;
}

/** The contract wants the subject's account named; the account of an API key is what identity says. */
async function ownAccount(session: Session): Promise<string> {
  const { account } = await session.read((call) => session.clients.accounts.getAccount({}, call));
  if (account !== undefined) return account.accountId;
  throw CliError.usage("Which account the API key belongs to is unknown.", "Name it with --account.");
}

function checkView({ allowed, reason }: CheckResponse): View {
  return {
    kind: "fields",
    fields: [
      ["Allowed", allowed ? "yes" : "no"],
      ["Reason", word(CheckReasonSchema, reason)],
    ],
  };
}
