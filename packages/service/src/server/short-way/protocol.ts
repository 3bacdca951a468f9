import { messageBytesMax } from "../limits.ts";
import type { HttpRequest, HttpResponse } from "../listener.ts";

/** What the short way knows of a protocol: how what is usual is asked and answered, as Connect does it. */
export interface Protocol {
  /** Whether what the headers ask for is usual: no compressed request, and a deadline, if any, that is one. */
  isUsual(request: HttpRequest): boolean;
  /** Whether a body that begins so may become usual; others are refused without being waited for. */
  mayBegin(first: Buffer): boolean;
  /** The message that is all of a body; undefined for any other body. */
  messageIn(body: Buffer, request: HttpRequest): Buffer | undefined;
  /** Sends the answer; if it has to be compressed, when it is. */
  answer(request: HttpRequest, response: HttpResponse, message: Uint8Array, requestId: string): void;
}

/** Before each message of gRPC: a byte of flags, and its length in four. */
export const prefixBytes = 5;
export const bodyBytesMax = messageBytesMax + prefixBytes;

/** A header that comes once; empty if it does not come. */
export function headerOf({ headers }: HttpRequest, name: string): string {
  const value = headers[name];
  return typeof value === "string" ? value : "";
}

/** Whether a header does not come, or has such a value. */
export function isAbsentOr({ headers }: HttpRequest, name: string, pattern: RegExp): boolean {
  const value = headers[name];
  return value === undefined || (typeof value === "string" && pattern.test(value));
}
