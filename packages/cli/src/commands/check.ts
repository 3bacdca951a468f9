import {
  CheckReasonSchema,
  type CheckResponse,
  CheckResponseSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { Command, Option } from "commander";
import { principalForms, resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { CliError } from "../errors.ts";
import { withExamples } from "../input/example.ts";
import { type ObjectQuestionOptions, questionOf, withObjectQuestion } from "../input/object.ts";
import { parseIpAddress } from "../input/options.ts";
import { readSecret } from "../input/standard-input.ts";
import type { View } from "../output/view.ts";
import { word } from "../output/words.ts";
import type { Runner } from "../runner.ts";
import { checkMany } from "./check-batch.ts";

interface CheckOptions extends ObjectQuestionOptions {
  readonly subjectAccount?: string;
  readonly sourceIp?: string;
  readonly batch?: string;
}

/** `portcullis check <principal> [permission]` */
export function checkCommand(runner: Runner): Command {
  const command = new Command("check");
  return withExamples(
    withObjectQuestion(command),
    "portcullis check sa::build-bot credential.credentials.write",
    "portcullis check ann@example.com --object dashboard/sales --action modify",
    "portcullis check - identity.members.read < token.txt",
    "portcullis check --batch questions.txt",
  )
    .description("may this principal do that? ends in 0 if so, in 3 if not")
    .argument("[principal]", `${principalForms}; - for whoever holds the token on standard input`)
    .argument("[permission]", "e.g. credential.credentials.write")
    .option("--subject-account <id>", "the principal's account, if it is not the one that is asked about")
    .addOption(
      new Option("--source-ip <address>", "with a token: the address that it came from").argParser(
        parseIpAddress,
      ),
    )
    .addOption(
      new Option(
        "--batch <file>",
        "many questions, each a line: <principal> <permission or -> [<type/id> <view or modify>]; - is standard input",
      ).conflicts(["object", "action", "subjectAccount", "sourceIp"]),
    )
    .action(runner.asking(check));
}

async function check(
  session: Session,
  principal: string | undefined,
  permissionId: string | undefined,
  options: CheckOptions,
): Promise<boolean> {
  if (options.batch !== undefined) {
    if (principal !== undefined) {
      throw CliError.usage("The questions come from the file.", "Leave the principal out, or --batch.");
    }
    return checkMany(session, options.batch);
  }
  if (principal === undefined) {
    throw CliError.usage("Nobody is named.", "Name a principal and a permission, or give --batch.");
  }
  const { account: accountId, clients, printer } = session;
  const question = questionOf(permissionId, options);
  const who = await whoIsAsked(session, principal, options);
  const response = await session.read((call) =>
    clients.check.check({ ...who, ...question, accountId }, call),
  );
  printer.answer(CheckResponseSchema, response, checkView);
  return response.allowed;
}

async function whoIsAsked(session: Session, principal: string, options: CheckOptions) {
  if (principal === "-") {
    return { token: await readSecret(session.terminal, "token"), sourceIp: options.sourceIp ?? "" };
  }
  const resolved = await resolvePrincipal(session, principal);
  const accountId =
    options.subjectAccount ?? resolved.accountId ?? (session.account || (await ownAccount(session)));
  return { subject: { accountId, principalId: resolved.principalId } };
}

/** The contract wants the subject's account named; the account of an API key is what identity says. */
async function ownAccount(session: Session): Promise<string> {
  const { account } = await session.read((call) => session.clients.accounts.getAccount({}, call));
  if (account !== undefined) return account.accountId;
  throw CliError.usage("Which account the API key belongs to is unknown.", "Name it with --account.");
}

function checkView({ allowed, reason, subject }: CheckResponse): View {
  return {
    kind: "fields",
    fields: [
      ["Allowed", allowed ? "yes" : "no"],
      ["Reason", word(CheckReasonSchema, reason)],
      ...(subject === undefined ? [] : [["Principal", subject.principalId] as const]),
    ],
  };
}
