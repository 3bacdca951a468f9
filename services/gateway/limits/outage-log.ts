import type { Logger } from "pino";

export interface OutageLog {
  failed(error: unknown): void;
  worked(): void;
}

/** Tells once that Redis is away, and once that it is back. */
export function createOutageLog(log: Pick<Logger, "info" | "warn">): OutageLog {
  let isAway = false;
  return {
    failed(error: unknown) {
      if (isAway) return;
      isAway = true;
      log.warn({ err: error }, "Redis is away: each replica limits requests for itself");
    },
    worked() {
      if (!isAway) return;
      isAway = false;
      log.info("Redis is back");
    },
  };
}
