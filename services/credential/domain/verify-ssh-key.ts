import { type Locator, sshLocator } from "./credential.ts";
import { decide, type Question, type Verdict } from "./decide.ts";
import { parseIpAddress } from "./ip-range.ts";
import type { Finding, UseOrigin } from "./ports.ts";
import { readSshKey } from "./ssh-key.ts";
import { type Asker, findingOf, type Patience, type VerifyDeps } from "./verify-token.ts";

/** An SSH key as it came, and what it is to be used for. */
export type SshKeyQuestion = Pick<Question, "action"> & UseOrigin & { readonly publicKey: string };

/** A key that is to be looked up. */
export interface OpenedSshKey {
  readonly locator: Locator;
  readonly question: Question;
  readonly origin: UseOrigin;
}

type SshDeps = Omit<VerifyDeps, "attempts">;

/** As verifyToken, for an SSH key. Never throttled: who holds the private half does not guess. */
export function verifySshKey(
  deps: SshDeps,
  question: SshKeyQuestion,
  asker: Asker,
  patience: Patience,
): Verdict | Promise<Verdict> {
  const known = verifySshKeyNow(deps, question, asker);
  return "locator" in known ? verifySshKeyLater(deps, known, patience.signal) : known;
}

/** The verdict wherever nothing must be waited for; else what verifySshKeyLater is to go on with. */
export function verifySshKeyNow(deps: SshDeps, asked: SshKeyQuestion, asker: Asker): Verdict | OpenedSshKey {
  const key = readSshKey(asked.publicKey);
  if (key === undefined) return { result: "malformed" };
  const locator = sshLocator(key.fingerprint);
  const question: Question = {
    presented: undefined,
    acceptedKinds: undefined,
    action: asked.action,
    address: parseIpAddress(asked.sourceIp),
    ...asker,
  };
  const opened = { locator, question, origin: asked };
  const known = deps.presented.recollect()?.find(locator);
  return known === undefined ? opened : judge(deps, opened, known);
}

export async function verifySshKeyLater(
  deps: SshDeps,
  opened: OpenedSshKey,
  signal: AbortSignal,
): Promise<Verdict> {
  const found = await deps.presented.find([opened.locator], signal);
  return judge(deps, opened, findingOf(found, opened.locator));
}

function judge({ clock, uses }: SshDeps, { question, origin }: OpenedSshKey, finding: Finding): Verdict {
  const now = clock();
  const verdict = decide(finding, question, now);
  if (verdict.result === "valid") uses.note(verdict.held, origin, now);
  return verdict;
}
