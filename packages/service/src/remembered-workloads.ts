import type { WorkloadCaller } from "./caller.ts";
import { type ProvenWorkload, verifyWorkloadToken, type WorkloadKey } from "./workload-token.ts";

/** Services make a token a minute, each replica its own. */
const tokensMax = 1_000;

interface Remembered extends ProvenWorkload {
  readonly caller: WorkloadCaller;
}

/** Workload tokens that were found genuine, until they expire: nothing else ends one. */
export class RememberedWorkloads {
  readonly #key: WorkloadKey;
  readonly #audience: string;
  readonly #tokens = new Map<string, Remembered>();

  constructor(key: WorkloadKey, audience: string) {
    this.#key = key;
    this.#audience = audience;
  }

  /** Undefined for a token that was not verified yet. */
  recall(token: string): WorkloadCaller | undefined {
    const known = this.#tokens.get(token);
    if (known === undefined) return undefined;
    if (Date.now() < known.goodUntilMs) return known.caller;
    this.#tokens.delete(token);
    return undefined;
  }

  /** CREDENTIALS_INVALID for one that proves nothing. */
  async verify(token: string): Promise<WorkloadCaller> {
    const proven = await verifyWorkloadToken(this.#key, this.#audience, token);
    const caller: WorkloadCaller = { kind: "workload", name: proven.name };
    for (const oldest of this.#tokens.keys()) {
      if (this.#tokens.size < tokensMax) break;
      this.#tokens.delete(oldest);
    }
    this.#tokens.set(token, { ...proven, caller });
    return caller;
  }
}
