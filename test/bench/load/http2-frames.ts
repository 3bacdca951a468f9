import type { Target } from "./http2-load.ts";

/** As much of HTTP/2 (RFC 9113) and HPACK (RFC 7541) as a load generator needs. */
export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");

export const frameType = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
} as const;

export const flag = { ack: 1, endStream: 1, endHeaders: 4 } as const;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export function frameOf(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(9 + payload.length);
  frame.writeUIntBE(payload.length, 0, 3);
  frame[3] = type;
  frame[4] = flags;
  frame.writeUInt32BE(stream, 5);
  payload.copy(frame, 9);
  return frame;
}

/** Cuts what arrives into frames. */
export class FrameReader {
  readonly #onFrame: (frame: Frame) => void;
  #rest: Buffer = Buffer.alloc(0);

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 9) {
      const end = at + 9 + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      const [type = 0, flags = 0] = [bytes[at + 3], bytes[at + 4]];
      const stream = bytes.readUInt32BE(at + 5) & 0x7fffffff;
      this.#onFrame({ type, flags, stream, payload: bytes.subarray(at + 9, end) });
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }
}

/** The headers of a request: in full for the first one, which fills the table, and by index for all others. */
export function headerBlock({ port, path, headers }: Target): readonly [full: Buffer, short: Buffer] {
  const methodPost = 0x83;
  const schemeHttp = 0x86;
  const literals: Buffer[] = [
    Buffer.concat([Buffer.from([0x44]), text(path)]),
    Buffer.concat([Buffer.from([0x41]), text(`127.0.0.1:${port}`)]),
    ...Object.entries(headers).map(([name, value]) =>
      Buffer.concat([Buffer.from([0x40]), text(name), text(value)]),
    ),
  ];
  // What was put in last has the lowest number, 62.
  const indices = literals.map((_, place) => 0x80 | (62 + literals.length - 1 - place));
  const start = Buffer.from([methodPost, schemeHttp]);
  return [Buffer.concat([start, ...literals]), Buffer.concat([start, Buffer.from(indices)])];
}

/** A string as it is, its length before it. */
function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [0x7f];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) length.push((rest & 0x7f) | 0x80);
  return Buffer.concat([Buffer.from([...length, rest]), bytes]);
}
