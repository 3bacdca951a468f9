import { DomainError } from "@portcullis/errors";
import { sshLocator } from "./credential.ts";
import { decide, type Question, type Verdict } from "./decide.ts";
import { parseIpAddress } from "./ip-range.ts";
import { parseSshPublicKey, type SshPublicKey } from "./ssh-key.ts";
import type { Asker, VerifyDeps } from "./verify-tokens.ts";

/** An SSH key as it came, and what it is to be used for. */
export type SshKeyQuestion = Pick<Question, "action"> & {
  readonly publicKey: string;
  /** Empty if unknown. */
  readonly sourceIp: string;
};

/** As verifyTokens, for an SSH key. Never throttled: who holds the private half does not guess. */
export async function verifySshKey(
  deps: Omit<VerifyDeps, "attempts">,
  { publicKey, action, sourceIp }: SshKeyQuestion,
  asker: Asker,
  signal: AbortSignal,
): Promise<Verdict> {
  const key = readKey(publicKey);
  if (key === undefined) return { result: "malformed" };
  const locator = sshLocator(key.fingerprint);
  const found = await deps.credentials.findByLocators([locator], signal);
  const address = parseIpAddress(sourceIp);
  const question: Question = { presented: undefined, acceptedKinds: undefined, action, address, ...asker };
  return decide(found.get(locator), question, deps.clock());
}

function readKey(text: string): SshPublicKey | undefined {
  try {
    return parseSshPublicKey(text);
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}
