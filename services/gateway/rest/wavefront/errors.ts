import type { Exchange } from "../../edge/exchange.ts";

/** The statuses of errors. Never 406, which a client repeats many times. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 408 | 409 | 413 | 429 | 500 | 503 | 504;

/** An answer that is an error. The message is public. */
export class WavefrontError extends Error {
  override readonly name = "WavefrontError";
  readonly status: ErrorStatus;
  /** For the log and the metrics. */
  readonly code: string;
  /** In whole seconds, where it makes sense to try again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    status: ErrorStatus,
    message: string,
    options: { cause?: unknown; code?: string; retryAfterMs?: number } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = options.code ?? String(status);
    this.retryAfterSeconds =
      options.retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(options.retryAfterMs / 1_000));
  }
}

export function notFound(what: string): WavefrontError {
  return new WavefrontError(404, `There is no such ${what} in this account.`);
}

/** The body of an error: the envelope without a response. */
export function errorBody(status: number, message: string, { operationId }: Pick<Exchange, "operationId">) {
  return {
    status: { result: "ERROR", message, code: status },
    debugInfo: [`operation ${operationId}`],
  };
}
