import {
  BatchVerifyTokensResponseSchema,
  VerificationResultSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import type { Session } from "../call/session.ts";
import { CliError } from "../errors.ts";
import { readAll } from "../input/standard-input.ts";
import { word } from "../output/words.ts";
import { isRefusal } from "./verification-view.ts";

const bytesMax = 1024 * 1024;

/** Verifies the tokens on standard input, one a line. Resolves with whether all of them are valid. */
export async function verifyTokens(session: Session): Promise<boolean> {
  const { clients, printer, read, terminal } = session;
  const lines = String(await readAll(terminal, bytesMax)).split(/\r?\n/);
  const requests = lines.map((line) => ({ token: line.trim() })).filter(({ token }) => token !== "");
  if (requests.length === 0) throw CliError.usage("There were no tokens on standard input.");
  const response = await read((call) => clients.verification.batchVerifyTokens({ requests }, call));
  printer.answer(BatchVerifyTokensResponseSchema, response, ({ verifications }) => ({
    kind: "table",
    columns: [{ title: "LINE" }, { title: "RESULT" }, { title: "CREDENTIAL" }, { title: "OWNER" }],
    rows: verifications.map(({ result, credential }, index) => [
      String(index + 1),
      word(VerificationResultSchema, result),
      credential?.credentialId ?? "",
      credential?.ownerId ?? "",
    ]),
    empty: "No answers.",
  }));
  const { verifications } = response;
  return verifications.length === requests.length && !verifications.some(isRefusal);
}
