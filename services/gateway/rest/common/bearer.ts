import { RequestFault } from "./fault.ts";

/** The credential of an `authorization` header. Throws `authorization_missing` or `authorization_unreadable`. */
export function bearerOf(authorization: string | undefined): string {
  if (authorization === undefined || authorization.trim() === "") {
    throw new RequestFault("authorization_missing", "Send an API key as «Authorization: Bearer …».");
  }
  const bearer = /^bearer +([\x21-\x7e]{1,4096})$/i.exec(authorization.trim())?.[1];
  if (bearer !== undefined) return bearer;
  throw new RequestFault(
    "authorization_unreadable",
    "The Authorization header could not be read. Send an API key as «Authorization: Bearer …».",
  );
}
