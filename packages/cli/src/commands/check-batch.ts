import {
  BatchCheckResponseSchema,
  CheckReasonSchema,
} from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import { resolvePrincipal } from "../call/principal.ts";
import type { Session } from "../call/session.ts";
import { CliError } from "../errors.ts";
import { type Question, readQuestions } from "../input/questions-file.ts";
import { word } from "../output/words.ts";

/** Asks all questions of a file at once, about one moment. Resolves with whether all of it is allowed. */
export async function checkMany(session: Session, path: string): Promise<boolean> {
  const { account: accountId, clients, printer } = session;
  const questions = await readQuestions(session.terminal, path);
  if (questions.length === 0) throw CliError.usage("There are no questions in the file.");
  const idOf = new Map<string, string>();
  for (const { principal } of questions) {
    if (!idOf.has(principal)) idOf.set(principal, (await resolvePrincipal(session, principal)).principalId);
  }
  const items = questions.map(({ principal, permissionId, object }) => ({
    principalId: idOf.get(principal) ?? "",
    permissionId,
    ...(object === undefined ? {} : { object }),
  }));
  const response = await session.read((call) => clients.check.batchCheck({ accountId, items }, call));
  printer.answer(BatchCheckResponseSchema, response, ({ results }) => ({
    kind: "table",
    columns: [
      { title: "PRINCIPAL" },
      { title: "ASKED", cut: true },
      { title: "ALLOWED" },
      { title: "REASON" },
    ],
    rows: results.map(({ allowed, reason }, index) => {
      const question = questions[index];
      const asked = question === undefined ? "" : askedOf(question);
      return [question?.principal ?? "", asked, allowed ? "yes" : "no", word(CheckReasonSchema, reason)];
    }),
    empty: "No answers.",
  }));
  return response.results.length === questions.length && response.results.every(({ allowed }) => allowed);
}

function askedOf({ permissionId, object, text }: Question): string {
  return object === undefined ? permissionId : text;
}
