import { type Rounds, startRounds } from "@portcullis/postgres";
import type { LastUse } from "../domain/credential.ts";
import type { AccountId, CredentialId } from "../domain/ids.ts";
import type { LastUses } from "../domain/ports.ts";

/** A use that is to be written. */
export type NotedUse = LastUse & { readonly accountId: AccountId; readonly id: CredentialId };

export interface LastUsesOptions {
  /** Writes them, forward only. */
  readonly write: (uses: readonly NotedUse[], signal: AbortSignal) => Promise<void>;
  /** How often what was noted is written, in milliseconds: the most that a last use is behind. Default a minute. */
  readonly intervalMs?: number;
  /** Credentials noted of in an interval at most; further ones are not. Default 100,000. */
  readonly entriesMax?: number;
  readonly onError: (error: unknown) => void;
}

/** Owns what is not written yet: close it. */
export interface ClosableLastUses extends LastUses {
  /** Writes what was noted so far. */
  flush(): Promise<void>;
  /** The same for the last time. */
  close(): Promise<void>;
}

/** Rows in one statement at most. */
const rowsMax = 5_000;
const flushMsMax = 3_000;

/** Keeps the last use of each credential in memory and writes it once an interval, however often it was used. */
export function createLastUses(options: LastUsesOptions): ClosableLastUses {
  const { write, intervalMs = 60_000, entriesMax = 100_000, onError } = options;
  let noted = new Map<CredentialId, Writable<NotedUse>>();
  const flush = async (signal: AbortSignal) => {
    const uses = [...noted.values()];
    noted = new Map();
    for (let start = 0; start < uses.length; start += rowsMax) {
      try {
        await write(uses.slice(start, start + rowsMax), signal);
      } catch (error) {
        // Again with the next ones; a later use of the same credential has taken its place.
        for (const use of uses.slice(start)) {
          if (noted.size < entriesMax && !noted.has(use.id)) noted.set(use.id, use);
        }
        throw error;
      }
    }
    return false;
  };
  const rounds: Rounds = startRounds(flush, { pauseMs: intervalMs, onError });
  return {
    note({ accountId, id, kind }, { sourceIp, userAgent = "" }, now) {
      if (kind === "session") return;
      const known = noted.get(id);
      if (known !== undefined) {
        known.at = now;
        // Mostly the same: what is new in an old object costs the next collection of garbage.
        if (known.sourceIp !== sourceIp) known.sourceIp = sourceIp;
        if (known.userAgent !== userAgent) known.userAgent = userAgent;
      } else if (noted.size < entriesMax) {
        noted.set(id, { accountId, id, at: now, sourceIp, userAgent });
      }
    },
    flush: async () => void (await flush(AbortSignal.timeout(flushMsMax))),
    async close() {
      await rounds.stop();
      await flush(AbortSignal.timeout(flushMsMax)).catch(onError);
    },
  };
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
