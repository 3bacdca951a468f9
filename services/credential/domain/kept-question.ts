import { type Locator, sshLocator, tokenLocator } from "./credential.ts";
import type { Question } from "./decide.ts";
import { parseIpAddress } from "./ip-range.ts";
import { readSshKey } from "./ssh-key.ts";
import { parseToken } from "./token.ts";
import type { SshKeyQuestion } from "./verify-ssh-key.ts";
import type { Asker, TokenQuestion } from "./verify-token.ts";

/** A question that is asked again and again while a credential is in use. */
export interface KeptQuestion {
  readonly locator: Locator;
  readonly question: Question;
}

/** Undefined for what is no token. */
export function keptToken(
  { text, sourceIp, ...rest }: TokenQuestion,
  asker: Asker,
): KeptQuestion | undefined {
  const presented = parseToken(text);
  if (presented === undefined) return undefined;
  const address = parseIpAddress(sourceIp);
  return { locator: tokenLocator(presented.keyId), question: { ...rest, ...asker, presented, address } };
}

/** Undefined for what is no SSH key. */
export function keptSshKey(
  { publicKey, action, sourceIp }: SshKeyQuestion,
  asker: Asker,
): KeptQuestion | undefined {
  const key = readSshKey(publicKey);
  if (key === undefined) return undefined;
  const address = parseIpAddress(sourceIp);
  const question = { presented: undefined, acceptedKinds: undefined, action, address, ...asker };
  return { locator: sshLocator(key.fingerprint), question };
}
