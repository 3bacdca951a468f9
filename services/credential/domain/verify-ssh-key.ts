import { sshLocator } from "./credential.ts";
import { decide, type Question, type Verdict } from "./decide.ts";
import { parseIpAddress } from "./ip-range.ts";
import { readSshKey } from "./ssh-key.ts";
import { type Asker, findingOf, type VerifyDeps } from "./verify-token.ts";

/** An SSH key as it came, and what it is to be used for. */
export type SshKeyQuestion = Pick<Question, "action"> & {
  readonly publicKey: string;
  /** Empty if unknown. */
  readonly sourceIp: string;
};

/** As verifyToken, for an SSH key. Never throttled: who holds the private half does not guess. */
export function verifySshKey(
  deps: Omit<VerifyDeps, "attempts">,
  { publicKey, action, sourceIp }: SshKeyQuestion,
  asker: Asker,
  signal: AbortSignal,
): Verdict | Promise<Verdict> {
  const key = readSshKey(publicKey);
  if (key === undefined) return { result: "malformed" };
  const locator = sshLocator(key.fingerprint);
  const question: Question = {
    presented: undefined,
    acceptedKinds: undefined,
    action,
    address: parseIpAddress(sourceIp),
    ...asker,
  };
  const known = deps.presented.recall(locator);
  if (known !== undefined) return decide(known, question, deps.clock());
  return deps.presented
    .find([locator], signal)
    .then((found) => decide(findingOf(found, locator), question, deps.clock()));
}
