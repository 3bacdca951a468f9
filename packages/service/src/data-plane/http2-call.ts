import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { type StatusObject, status } from "@grpc/grpc-js";
import { framed } from "../grpc-frame.ts";
import type { RawUnaryCall } from "./call-facts.ts";

/** As grpc-js has them. What is compressed goes to it, so it is right about what is accepted. */
const answerHeaders = {
  ":status": 200,
  "content-type": "application/grpc+proto",
  "grpc-encoding": "identity",
  "grpc-accept-encoding": "identity,deflate,gzip",
};
const errorHeaders = { ":status": 200, "content-type": "application/grpc+proto" };
const okTrailers = { "grpc-status": "0", "grpc-message": "OK" };
const withTrailers = { waitForTrailers: true };
const andEnd = { endStream: true };

/** One unary gRPC call on a stream of HTTP/2; `request` is set once it has come as a whole. */
export class Http2Call implements RawUnaryCall {
  request: Buffer = Buffer.alloc(0);
  readonly #stream: ServerHttp2Stream;
  readonly #headers: IncomingHttpHeaders;
  #deadlineMs = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isAnswered = false;
  #onCancelled = () => {};

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.#stream = stream;
    this.#headers = headers;
  }

  /** Of a call that nobody wants to be answered any more. */
  get isOver(): boolean {
    return this.#isAnswered || this.#stream.closed || this.#stream.destroyed;
  }

  get metadata(): this {
    return this;
  }

  get(key: string): readonly string[] {
    const value = this.#headers[key];
    return typeof value === "string" ? [value] : [];
  }

  getPeer(): string {
    const socket = this.#stream.session?.socket;
    return socket?.remoteAddress === undefined ? "" : `${socket.remoteAddress}:${socket.remotePort}`;
  }

  getDeadline(): number {
    return this.#deadlineMs;
  }

  once(_event: "cancelled", listener: () => void): void {
    this.#onCancelled = listener;
    this.#stream.once("close", () => {
      if (!this.#isAnswered) this.#cancel();
    });
  }

  /** From now on. Who has not got an answer then gets DEADLINE_EXCEEDED. */
  expireAfter(timeoutMs: number): void {
    this.#deadlineMs = Date.now() + timeoutMs;
    this.#timer = setTimeout(() => {
      // A timer may be early by a moment.
      this.#deadlineMs = Math.min(this.#deadlineMs, Date.now());
      this.#refuse({ code: status.DEADLINE_EXCEEDED, details: "Deadline exceeded" });
      this.#cancel();
    }, timeoutMs);
  }

  /** It is answered by others. */
  leave(): void {
    clearTimeout(this.#timer);
  }

  readonly respond = (error: Partial<StatusObject> | null, answer?: Uint8Array): void => {
    if (this.isOver) return this.leave();
    if (error !== null) return this.#refuse(error);
    this.#isAnswered = true;
    this.leave();
    const stream = this.#stream;
    stream.respond(answerHeaders, withTrailers);
    stream.once("wantTrailers", sendOk);
    stream.end(framed(answer ?? new Uint8Array()));
  };

  #refuse({ code = status.UNKNOWN, details = "", metadata }: Partial<StatusObject>): void {
    if (this.isOver) return;
    this.#isAnswered = true;
    this.leave();
    const more = metadata?.toHttp2Headers() ?? {};
    const said = { "grpc-status": String(code), "grpc-message": encodeURI(details) };
    this.#stream.respond({ ...errorHeaders, ...said, ...more }, andEnd);
  }

  #cancel(): void {
    this.leave();
    this.#onCancelled();
  }
}

function sendOk(this: ServerHttp2Stream): void {
  this.sendTrailers(okTrailers);
}
