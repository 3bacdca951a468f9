import { connect, type Socket } from "node:net";
import { type Frame, FrameReader, flag, frameOf, frameType, headerBlock, preface } from "./http2-frames.ts";

/** A request as it goes over the wire again and again, and the answer that must come. */
export interface Exchange {
  /** What is sent as the body: for gRPC with its five bytes before it. */
  readonly body: Buffer;
  readonly answer: Buffer;
}

export interface Target {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface OpenStream {
  readonly id: number;
  window: number;
  readonly onMessage: (message: Buffer) => void;
  rest: Buffer;
}

const windowMax = 2 ** 31 - 1;
const windowDefault = 65_535;
/** At once; servers let a thousand. */
const streamsMax = 900;

/**
 * One HTTP/2 connection that sends prepared bytes and compares what comes back, written so that generating the load
 * costs a small part of serving it. Headers go out in full once and as indices from then on, as any client does.
 */
export class LoadConnection {
  readonly #socket: Socket;
  readonly #reader = new FrameReader((frame) => this.#take(frame));
  readonly #full: Buffer;
  readonly #short: Buffer;
  readonly #open = new Map<
    number,
    { readonly exchange: Exchange; readonly done: () => void; parts: Buffer[] }
  >();
  readonly #fail: (error: Error) => void;
  #isFirst = true;
  #nextStream = 1;
  #window = windowDefault;
  #received = 0;
  #waiting: (() => void)[] = [];
  #stream: OpenStream | undefined;
  #streamWindow = windowDefault;
  #out: Buffer[] = [];

  constructor(target: Target, fail: (error: Error) => void) {
    this.#fail = fail;
    [this.#full, this.#short] = headerBlock(target);
    this.#socket = connect({ port: target.port, host: "127.0.0.1", noDelay: true });
    this.#socket.on("data", (chunk) => this.#reader.push(chunk));
    this.#socket.on("error", fail);
    const settings = Buffer.alloc(12);
    settings.writeUInt16BE(2, 0); // no pushes
    settings.writeUInt16BE(4, 6); // a window for each stream that is never full
    settings.writeUInt32BE(windowMax, 8);
    this.#send(
      preface,
      frameOf(frameType.settings, 0, 0, settings),
      windowUpdate(0, windowMax - windowDefault),
    );
  }

  /** One unary call. `done` is told when the answer has come, which is the right one. */
  call(exchange: Exchange, done: () => void): void {
    if (this.#window < exchange.body.length || this.#open.size >= streamsMax) {
      this.#waiting.push(() => this.call(exchange, done));
      return;
    }
    this.#window -= exchange.body.length;
    const id = this.#nextStream;
    this.#nextStream += 2;
    this.#open.set(id, { exchange, done, parts: [] });
    this.#send(
      frameOf(frameType.headers, flag.endHeaders, id, this.#takeHeaders()),
      frameOf(frameType.data, flag.endStream, id, exchange.body),
    );
  }

  /** Opens the one stream of this connection, which `say` then writes to. */
  open(onMessage: (message: Buffer) => void): void {
    const id = this.#nextStream;
    this.#nextStream += 2;
    this.#stream = { id, window: this.#streamWindow, onMessage, rest: Buffer.alloc(0) };
    this.#send(frameOf(frameType.headers, flag.endHeaders, id, this.#takeHeaders()));
  }

  say(body: Buffer): void {
    const stream = this.#stream;
    if (stream === undefined) throw new Error("no stream is open");
    if (this.#window < body.length || stream.window < body.length) {
      this.#waiting.push(() => this.say(body));
      return;
    }
    this.#window -= body.length;
    stream.window -= body.length;
    this.#send(frameOf(frameType.data, 0, stream.id, body));
  }

  close(): void {
    this.#socket.destroy();
  }

  #takeHeaders(): Buffer {
    if (!this.#isFirst) return this.#short;
    this.#isFirst = false;
    return this.#full;
  }

  /** What piles up in a turn goes out in one write. */
  #send(...frames: Buffer[]): void {
    if (this.#out.length === 0) {
      setImmediate(() => {
        const out = this.#out;
        this.#out = [];
        this.#socket.write(Buffer.concat(out));
      });
    }
    this.#out.push(...frames);
  }

  #take({ type, flags, stream, payload }: Frame): void {
    switch (type) {
      case frameType.data:
        this.#takeData(stream, flags, payload);
        return;
      case frameType.headers:
        if ((flags & flag.endStream) !== 0) this.#takeEnd(stream);
        return;
      case frameType.settings:
        if ((flags & flag.ack) === 0) this.#takeSettings(payload);
        return;
      case frameType.ping:
        if ((flags & flag.ack) === 0) this.#send(frameOf(frameType.ping, flag.ack, 0, Buffer.from(payload)));
        return;
      case frameType.windowUpdate:
        if (stream === 0) this.#window += payload.readUInt32BE(0);
        else if (this.#stream?.id === stream) this.#stream.window += payload.readUInt32BE(0);
        for (const retry of this.#waiting.splice(0)) retry();
        return;
      case frameType.reset:
      case frameType.goAway:
        this.#fail(new Error(`the server ended a stream or the connection: frame ${type}`));
    }
  }

  #takeData(id: number, flags: number, payload: Buffer): void {
    this.#received += payload.length;
    if (this.#received > 2 ** 30) {
      this.#send(windowUpdate(0, this.#received));
      this.#received = 0;
    }
    if (this.#stream?.id === id) this.#takeMessages(this.#stream, payload);
    else this.#open.get(id)?.parts.push(payload);
    if ((flags & flag.endStream) !== 0) this.#takeEnd(id);
  }

  #takeMessages(stream: OpenStream, payload: Buffer): void {
    let rest = stream.rest.length === 0 ? payload : Buffer.concat([stream.rest, payload]);
    while (rest.length >= 5) {
      const end = 5 + rest.readUInt32BE(1);
      if (rest.length < end) break;
      stream.onMessage(rest.subarray(5, end));
      rest = rest.subarray(end);
    }
    stream.rest = Buffer.from(rest);
  }

  #takeEnd(id: number): void {
    const call = this.#open.get(id);
    if (call === undefined) return this.#fail(new Error("the stream ended"));
    this.#open.delete(id);
    const [first = Buffer.alloc(0)] = call.parts;
    const answer = call.parts.length > 1 ? Buffer.concat(call.parts) : first;
    if (!answer.equals(call.exchange.answer)) {
      const said = answer.length === 0 ? "an error" : answer.toString("latin1").slice(0, 200);
      this.#fail(new Error(`a wrong answer: ${said}`));
      return;
    }
    call.done();
    if (this.#open.size < streamsMax) this.#waiting.shift()?.();
  }

  #takeSettings(payload: Buffer): void {
    for (let at = 0; at < payload.length; at += 6) {
      if (payload.readUInt16BE(at) === 4) this.#streamWindow = payload.readUInt32BE(at + 2);
    }
    this.#send(frameOf(frameType.settings, flag.ack, 0, Buffer.alloc(0)));
  }
}

function windowUpdate(stream: number, by: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(by);
  return frameOf(frameType.windowUpdate, 0, stream, payload);
}
