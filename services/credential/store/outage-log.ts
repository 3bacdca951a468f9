/** What it takes of a logger. */
interface Log {
  info(text: string): void;
  warn(detail: { readonly err: unknown }, text: string): void;
}

export interface OutageLog {
  readonly failed: (error: unknown) => void;
  readonly worked: () => void;
}

/** Tells once that Redis is away, and once that it is back. */
export function createOutageLog(log: Log): OutageLog {
  let isAway = false;
  return {
    failed: (error) => {
      if (isAway) return;
      isAway = true;
      log.warn({ err: error }, "Redis is away: each replica counts failed attempts for itself");
    },
    worked: () => {
      if (!isAway) return;
      isAway = false;
      log.info("Redis is back");
    },
  };
}
