import type { IncomingHttpHeaders } from "node:http";
import { bearerOf } from "../common/bearer.ts";
import { NgrokError } from "./errors.ts";

const version = "2";
/** The public half of a key, as it is shown in lists. */
const idOfKey = /^(?:(?:ak|cr|sshcr)_[0-9A-Za-z]{27}|cred_[0-9a-z]{26})$/;
const tokenLike = /^pc(?:ak|at|se)_[0-9A-Za-z_]+$/;

/** Throws unless the request says that it means this version of the API. */
export function requireVersion(headers: IncomingHttpHeaders): void {
  const named = headers["ngrok-version"];
  if (named === version) return;
  const hint = `Send «Ngrok-Version: ${version}».`;
  if (named === undefined || named === "") {
    throw new NgrokError(
      "ERR_NGROK_218",
      `The request does not say which version of the API it means. ${hint}`,
    );
  }
  throw new NgrokError("ERR_NGROK_217", `The version of the API is not supported. ${hint}`);
}

/** The credential of a request. What can't be one is told without asking anybody, and never repeated. */
export function requireBearer({ authorization }: IncomingHttpHeaders): string {
  const bearer = bearerOf(authorization);
  if (idOfKey.test(bearer)) {
    throw new NgrokError(
      "ERR_NGROK_208",
      "That is the id of a key, not the key itself, which was shown once.",
    );
  }
  if (!tokenLike.test(bearer)) {
    throw new NgrokError("ERR_NGROK_202", "That does not look like an API key, which begins with pcak_.");
  }
  return bearer;
}
