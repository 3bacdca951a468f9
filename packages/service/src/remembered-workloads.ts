import type { WorkloadCaller } from "./caller.ts";
import { type ProvenWorkload, verifyWorkloadToken, type WorkloadKey } from "./workload-token.ts";

/** Services make a token a minute, each replica its own. */
const tokensMax = 1_000;

interface Remembered extends ProvenWorkload {
  /** What it came in. */
  readonly text: string;
  readonly caller: WorkloadCaller;
}

/** Workload tokens that were found genuine, until they expire: nothing else ends one. */
export class RememberedWorkloads {
  readonly #key: WorkloadKey;
  readonly #audience: string;
  readonly #tokens = new Map<string, Remembered>();
  #last: Remembered | undefined;

  constructor(key: WorkloadKey, audience: string) {
    this.#key = key;
    this.#audience = audience;
  }

  /** By the text that the token was verified as a part of; undefined for one that was not verified yet. */
  recall(text: string): WorkloadCaller | undefined {
    // Mostly that of the call before: equal texts are told apart sooner than a hash is made of one.
    const known = this.#last?.text === text ? this.#last : this.#tokens.get(text);
    if (known === undefined) return undefined;
    if (Date.now() < known.goodUntilMs) {
      this.#last = known;
      return known.caller;
    }
    this.#tokens.delete(text);
    this.#last = undefined;
    return undefined;
  }

  /** CREDENTIALS_INVALID for one that proves nothing. `text` is what it came in. */
  async verify(token: string, text = token): Promise<WorkloadCaller> {
    const proven = await verifyWorkloadToken(this.#key, this.#audience, token);
    const caller: WorkloadCaller = { kind: "workload", name: proven.name };
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size < tokensMax) break;
      this.#tokens.delete(oldest);
    }
    this.#tokens.set(text, { ...proven, text, caller });
    return caller;
  }
}
