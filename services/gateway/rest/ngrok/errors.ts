import type { Exchange } from "../../edge/exchange.ts";

/** Each code that this API answers with, and its status (contracts/ngrok.md §1.1, §9.6). Numbers are ngrok's. */
const statusOfCode = {
  ERR_NGROK_200: 403,
  ERR_NGROK_201: 403,
  ERR_NGROK_202: 403,
  ERR_NGROK_203: 403,
  ERR_NGROK_206: 403,
  ERR_NGROK_208: 403,
  ERR_NGROK_210: 415,
  ERR_NGROK_211: 400,
  ERR_NGROK_212: 400,
  ERR_NGROK_213: 400,
  ERR_NGROK_214: 400,
  ERR_NGROK_215: 400,
  ERR_NGROK_216: 415,
  ERR_NGROK_217: 400,
  ERR_NGROK_218: 400,
  ERR_NGROK_220: 403,
  ERR_NGROK_222: 404,
  ERR_NGROK_225: 429,
  ERR_NGROK_226: 429,
  ERR_NGROK_227: 400,
  ERR_NGROK_230: 400,
  ERR_NGROK_231: 400,
  ERR_NGROK_232: 400,
  ERR_NGROK_233: 400,
  ERR_NGROK_243: 400,
  ERR_NGROK_244: 400,
  ERR_NGROK_250: 400,
  ERR_NGROK_600: 400,
  ERR_NGROK_604: 400,
  ERR_NGROK_605: 400,
  ERR_NGROK_606: 400,
  ERR_NGROK_609: 409,
  ERR_NGROK_610: 409,
  ERR_NGROK_611: 400,
  ERR_NGROK_612: 400,
  ERR_NGROK_630: 403,
  ERR_NGROK_631: 400,
  ERR_NGROK_634: 404,
  ERR_NGROK_636: 403,
  ERR_NGROK_1219: 403,
  ERR_NGROK_4109: 400,
  ERR_NGROK_4110: 400,
  ERR_NGROK_4111: 403,
  ERR_NGROK_4112: 409,
  ERR_NGROK_4119: 403,
  // Ours, where ngrok documents none with the meaning.
  ERR_PORTCULLIS_NOT_FOUND: 404,
  ERR_PORTCULLIS_CREDENTIAL_REFUSED: 403,
  ERR_PORTCULLIS_PERMISSION_DENIED: 403,
  ERR_PORTCULLIS_BODY_TOO_SLOW: 408,
  ERR_PORTCULLIS_CONFLICT: 409,
  ERR_PORTCULLIS_SERVICE_USER_LOCKED: 409,
  ERR_PORTCULLIS_BODY_TOO_LARGE: 413,
  ERR_PORTCULLIS_TOO_MANY_ATTEMPTS: 429,
  ERR_PORTCULLIS_INTERNAL: 500,
  ERR_PORTCULLIS_UNAVAILABLE: 503,
  ERR_PORTCULLIS_TIMEOUT: 504,
} as const;

export type NgrokCode = keyof typeof statusOfCode;

/** The codes that are documented. */
export const ngrokCodes = Object.keys(statusOfCode);

/** An answer that is an error. The message is public. */
export class NgrokError extends Error {
  override readonly name = "NgrokError";
  readonly code: NgrokCode;
  /** In whole seconds, where it makes sense to try again. */
  readonly retryAfterSeconds: number | undefined;

  constructor(code: NgrokCode, message: string, options: { cause?: unknown; retryAfterMs?: number } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterSeconds =
      options.retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(options.retryAfterMs / 1_000));
  }

  get status() {
    return statusOfCode[this.code];
  }
}

/** The body of an error, in the one form that all clients parse. */
export function errorBody(error: NgrokError, { operationId }: Pick<Exchange, "operationId">) {
  return {
    error_code: error.code,
    status_code: error.status,
    msg: error.message,
    details: { operation_id: operationId },
  };
}

const pathLengthMax = 256;

/** The body for a route that there is not; clients know it by having no code. */
export function unknownRouteBody(path: string, { operationId }: Pick<Exchange, "operationId">) {
  const shown = path.length > pathLengthMax ? `${path.slice(0, pathLengthMax)}…` : path;
  return { status_code: 404, msg: "Not Found", details: { operation_id: operationId, path: shown } };
}
