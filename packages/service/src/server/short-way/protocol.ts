import type { ConnectError } from "@connectrpc/connect";
import type { HttpRequest, HttpResponse } from "../listener.ts";

/** What the short way knows of a protocol: how what is usual is asked and answered, as Connect does it. */
export interface Protocol {
  /** Whether what the headers say of the body is usual: it is not compressed, and not too large. */
  isUsual(request: HttpRequest): boolean;
  /** For how long the caller waits, in milliseconds; infinite if it does not say; undefined if that is not usual. */
  patienceMs(request: HttpRequest): number | undefined;
  /** Whether a body that begins so may become usual; others are refused without being waited for. */
  mayBegin(first: Buffer): boolean;
  /** The message that is all of a body; undefined for any other body. */
  messageIn(body: Buffer, request: HttpRequest): Buffer | undefined;
  /** Sends the answer; if it has to be compressed, when it is. */
  answer(request: HttpRequest, response: HttpResponse, message: Uint8Array, requestId: string): void;
  /** The same with an error. */
  refuse(request: HttpRequest, response: HttpResponse, error: ConnectError, requestId: string): void;
}

/** A header that comes once; empty if it does not come. */
export function headerOf({ headers }: HttpRequest, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

/** Timers wait no longer. */
const timerMsMax = 2 ** 31 - 1;

/** What Protocol.patienceMs says of a header, read as Connect reads it. */
export function patienceIn(
  { headers }: HttpRequest,
  name: string,
  parse: (value: string, msMax: number) => { readonly timeoutMs?: number },
): number | undefined {
  const value = headers[name];
  if (value === undefined) return Number.POSITIVE_INFINITY;
  const { timeoutMs = 0 } = parse(String(value), timerMsMax);
  return timeoutMs > 0 && timeoutMs <= timerMsMax ? timeoutMs : undefined;
}
