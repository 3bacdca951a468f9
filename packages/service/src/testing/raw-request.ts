import { once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import { buffer } from "node:stream/consumers";

/** A message with what gRPC has before it: flags, and a length that may be wrong. */
export function framedAs(bytes: Uint8Array, flags = 0, length = bytes.length): Buffer {
  const prefix = Buffer.alloc(5, flags);
  prefix.writeUInt32BE(length, 1);
  return Buffer.concat([prefix, bytes]);
}

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Written one after the other. */
  readonly body: readonly Uint8Array[];
}

/** All that comes back. */
export interface RawAnswer {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly trailers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** Sends a request as it is, over HTTP/2 or HTTP/1.1. */
export async function sendRaw(version: "1.1" | "2", port: number, request: RawRequest): Promise<RawAnswer> {
  return version === "2" ? sendHttp2(port, request) : sendHttp1(port, request);
}

async function sendHttp2(
  port: number,
  { method = "POST", path, headers, body }: RawRequest,
): Promise<RawAnswer> {
  const session = http2.connect(`http://127.0.0.1:${port}`);
  try {
    const stream = session.request(
      { ":method": method, ":path": path, ...headers },
      { endStream: body.length === 0 },
    );
    let trailers = {};
    stream.on("trailers", (found) => {
      trailers = found;
    });
    const answered = once(stream, "response");
    for (const chunk of body) stream.write(chunk);
    stream.end();
    const [{ ":status": status, date: _, ...found }] = await answered;
    const bytes = await buffer(stream);
    return { status, headers: { ...found }, trailers: { ...trailers }, body: bytes.toString("latin1") };
  } finally {
    session.destroy();
  }
}

async function sendHttp1(
  port: number,
  { method = "POST", path, headers, body }: RawRequest,
): Promise<RawAnswer> {
  // A connection of its own, that might be kept: one that is idle may end under a request.
  const agent = new http.Agent({ keepAlive: true });
  const request = http.request({ host: "127.0.0.1", port, method, path, headers, agent });
  const answered = once(request, "response");
  request.on("error", () => {}); // A server that has answered may take no more.
  for (const chunk of body) request.write(chunk);
  request.end();
  const [response]: http.IncomingMessage[] = await answered;
  if (response === undefined) throw new Error("no response");
  const bytes = await buffer(response);
  agent.destroy();
  const { date: _, ...found } = response.headers;
  return {
    status: response.statusCode,
    headers: found,
    trailers: response.trailers,
    body: bytes.toString("latin1"),
  };
}
