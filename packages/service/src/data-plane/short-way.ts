import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import { status } from "@grpc/grpc-js";
import { frameBytesMax, prefixBytes } from "../grpc-frame.ts";
import type { UnaryDoor } from "./doors.ts";
import { Http2Call } from "./http2-call.ts";

/** Serves a stream in the usual way. */
export type LongWay = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/**
 * A way around grpc-js for usual calls, by the same doors: one message, not compressed, and its answer in one piece.
 * That costs half as much. Whatever is not usual, from its headers to its last byte, goes to grpc-js as it came.
 * `doors` are those of unary methods, by path.
 */
export function shortWay(doors: ReadonlyMap<string, UnaryDoor>, longWay: LongWay): LongWay {
  return (stream, headers) => {
    const door = isUsual(headers) && !stream.endAfterHeaders ? doors.get(headers[":path"] ?? "") : undefined;
    const timeoutMs = timeoutOf(headers);
    if (door === undefined || timeoutMs === undefined) return longWay(stream, headers);
    const call = new Http2Call(stream, headers);
    if (timeoutMs !== Number.POSITIVE_INFINITY) call.expireAfter(timeoutMs);
    const body = new Body();
    const take = (chunk: Buffer) => {
      // Who has got an answer already may go on sending; none of it is kept.
      if (call.isOver) return body.drop();
      body.take(chunk);
      if (body.mayBeOneMessage) return;
      call.leave();
      stream.off("data", take);
      stream.off("end", serve);
      stream.pause();
      stream.unshift(body.bytes);
      longWay(stream, headers);
    };
    const serve = () => {
      // A stream that is reset ends, too, before it closes.
      if (call.isOver) return call.leave();
      if (!body.isOneMessage) return call.respond(noMessage);
      call.request = body.bytes.subarray(prefixBytes);
      door(call, call.respond);
    };
    stream.on("error", ignore);
    stream.on("data", take);
    stream.on("end", serve);
  };
}

/** Whoever has reset the stream, or lost it, can't be told of it. */
const ignore = () => {};

const noMessage = { code: status.UNIMPLEMENTED, details: "The call has no message." };

function isUsual(headers: IncomingHttpHeaders): boolean {
  const type = headers["content-type"];
  if (type !== "application/grpc" && type !== "application/grpc+proto") return false;
  const encoding = headers["grpc-encoding"];
  return headers[":method"] === "POST" && (encoding === undefined || encoding === "identity");
}

/** What has come of a request. */
class Body {
  #chunks: Buffer[] = [];
  #size = 0;
  /** Of the message, with what comes before it; undefined until that has come. */
  #wholeLength: number | undefined;

  take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#wholeLength !== undefined || this.#size < prefixBytes) return;
    const { bytes } = this;
    // Compressed ones are none that could become one message here.
    this.#wholeLength = bytes[0] === 0 ? prefixBytes + bytes.readUInt32BE(1) : -1;
  }

  drop(): void {
    this.#chunks = [];
  }

  get mayBeOneMessage(): boolean {
    const length = this.#wholeLength;
    return length === undefined || (this.#size <= length && length <= frameBytesMax);
  }

  get isOneMessage(): boolean {
    return this.#size === this.#wholeLength;
  }

  /** All of them. */
  get bytes(): Buffer {
    const [first = Buffer.alloc(0), ...rest] = this.#chunks;
    if (rest.length === 0) return first;
    const joined = Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}

const unitMs = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 } as const;
const timeoutPattern = /^(\d{1,8})([HMSmun])$/;
/** Timers take no more. */
const timerMsMax = 2 ** 31 - 1;

/** Infinity for a call without one; undefined for a text that is none, or more than timers take. */
function timeoutOf(headers: IncomingHttpHeaders): number | undefined {
  const text = headers["grpc-timeout"];
  if (text === undefined) return Number.POSITIVE_INFINITY;
  const [, digits = "", unit = ""] = (typeof text === "string" && timeoutPattern.exec(text)) || [];
  if (!isUnit(unit)) return undefined;
  const timeoutMs = Math.floor(Number(digits) * unitMs[unit]);
  return timeoutMs <= timerMsMax ? timeoutMs : undefined;
}

function isUnit(text: string): text is keyof typeof unitMs {
  return Object.hasOwn(unitMs, text);
}
