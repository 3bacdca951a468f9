import type { Deadline, StatusObject } from "@grpc/grpc-js";

/** What all kinds of calls tell of themselves, as grpc-js's do. */
export interface RawCall {
  readonly metadata: { get(key: string): readonly (string | Buffer)[] };
  getPeer(): string;
  getDeadline(): Deadline;
  once(event: "cancelled", listener: () => void): unknown;
}

/** A call with one message in it. */
export interface RawUnaryCall extends RawCall {
  readonly request: Buffer;
}

/** Answers it, with bytes or with an error. */
export type Respond = (error: StatusObject | null, answer?: Uint8Array) => void;

/** One value of the call's metadata; empty if there is none. */
export function metadataOf(call: RawCall, key: string): string {
  const value = call.metadata.get(key)[0];
  return typeof value === "string" ? value : "";
}

/** The IP address at the other end of the connection; undefined once the socket is gone. */
export function peerAddressOf(call: RawCall): string | undefined {
  const peer = call.getPeer();
  const colon = peer.lastIndexOf(":");
  return colon === -1 ? undefined : peer.slice(0, colon);
}

/** Ends when the caller goes away, cancels, or its deadline passes. */
export function cancellationOf(call: RawCall): AbortController {
  const controller = new AbortController();
  call.once("cancelled", () => {
    const isLate = Number(call.getDeadline()) <= Date.now();
    controller.abort(isLate ? timeout("the deadline has passed") : undefined);
  });
  return controller;
}

export function timeout(message: string): DOMException {
  return new DOMException(message, "TimeoutError");
}
