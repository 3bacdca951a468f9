import { hash } from "node:crypto";
import { isIP } from "node:net";
import { PortcullisError } from "../portcullis-error.ts";
import type { Action, CredentialKind, KeyQuestion, TokenQuestion } from "./verification.ts";

/** A question, as it is put to the service. */
export type Question =
  | { readonly about: "token"; readonly text: string; readonly of: TokenQuestion }
  | { readonly about: "ssh_key"; readonly text: string; readonly of: KeyQuestion };

/** Longer texts are no token and no key; nothing is asked about them. Characters. */
const lengthMax = { token: 1_024, ssh_key: 16_384 } as const;

/** Of an action there is so much text at most. Characters. */
const keyLengthMax = 65_536;

export function isTooLong({ about, text }: Question): boolean {
  return text.length > lengthMax[about];
}

/** Refuses what would be refused with everything else that is asked in the same message. */
export function checkQuestion({ of: { sourceIp } }: Question, key: string): void {
  if (key.length > keyLengthMax) {
    throw new PortcullisError("INVALID_ARGUMENT", "action is too long", { reason: "VALIDATION_FAILED" });
  }
  if (sourceIp !== undefined && sourceIp !== "" && isIP(sourceIp) === 0) {
    throw new PortcullisError("INVALID_ARGUMENT", "sourceIp is not an IP address", {
      reason: "VALIDATION_FAILED",
    });
  }
}

/** Nothing but whether the credential is good. */
export const noQuestion: TokenQuestion = {};

/**
 * By what the answer is remembered: all that it depends on but the source address. The credential is in it as its
 * SHA-256: a token is not to be found in this process's memory once it was answered for, and a hit costs half a
 * microsecond more than with the token itself.
 */
export function keyOfToken(token: string, { acceptedKinds, action }: TokenQuestion): string {
  const digest = hash("sha256", token, "binary");
  if (acceptedKinds === undefined && action === undefined) return digest;
  return digest + textOfKinds(acceptedKinds) + textOfAction(action);
}

export function keyOfSshKey(publicKey: string, { action }: KeyQuestion): string {
  return `${hash("sha256", publicKey, "binary")}#${textOfAction(action)}`;
}

const letterOfKind = { authtoken: "a", api_key: "k", ssh_key: "h", session: "s" } as const;

function textOfKinds(kinds: readonly CredentialKind[] | undefined): string {
  if (kinds === undefined || kinds.length === 0) return "";
  let text = "";
  for (const kind of kinds) text += letterOfKind[kind];
  return text;
}

/** JSON, so that no two actions have the same text, and none has a NUL in it. */
function textOfAction(action: Action | undefined): string {
  return action === undefined ? "" : JSON.stringify(action);
}
