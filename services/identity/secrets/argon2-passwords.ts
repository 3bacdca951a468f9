import { hash, type Options, verify } from "@node-rs/argon2";
import { DomainError } from "@portcullis/errors";
import type { Passwords } from "../domain/people-ports.ts";

/** Of argon2id, the package's default: 19 MiB, two passes: about 110 ms on a small machine. The parameters stand in each hash. */
const cost: Options = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };

export interface Argon2Options {
  /** So many at once: each takes 19 MiB and a thread. Default 4. */
  readonly concurrencyMax?: number;
  /** So many may wait. Default 64. */
  readonly waitingMax?: number;
  /** Default: what production uses. */
  readonly cost?: Options;
}

/** Hashes passwords with argon2id; OVERLOADED when too many wait. */
export async function createArgon2Passwords(options: Argon2Options = {}): Promise<Passwords> {
  const { concurrencyMax = 4, waitingMax = 64 } = options;
  const parameters = { ...cost, ...options.cost };
  // What no password is checked against: it costs as much as one's own.
  const decoy = await hash(crypto.randomUUID(), parameters);
  const waiting: (() => void)[] = [];
  let running = 0;
  const inTurn = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    if (running >= concurrencyMax) {
      if (waiting.length >= waitingMax) {
        throw new DomainError("OVERLOADED", "Too many people are signing in at this moment. Try again.");
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await promise;
    } else {
      running++;
    }
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      // Whoever waits takes over the place.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
  return {
    hash: (password, signal) => inTurn(signal, () => hash(password, parameters)),
    verify: (stored, password, signal) =>
      inTurn(signal, async () => {
        const matches = await verify(stored ?? decoy, password);
        return stored !== undefined && matches;
      }),
  };
}
