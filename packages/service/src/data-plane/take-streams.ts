import type { IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import type { LongWay } from "./short-way.ts";

/** What a server of grpc-js does with each stream of HTTP/2, by a name that is its own affair. */
const name = "_streamHandler";

type Handler = (interceptors: unknown, stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/**
 * Puts a way before that by which grpc-js serves its streams; to be called before the server has its first connection.
 * A release of grpc-js that has no such method is left alone: all streams then go its way, which is slower and
 * answers the same. A test tells of that.
 */
export function takeStreams(server: Server, before: (longWay: LongWay) => LongWay): void {
  const handler: unknown = Reflect.get(server, name);
  if (typeof handler !== "function") return;
  const original = handler.bind(server) as Handler; // by the test, and by grpc-js's own listener
  let way: LongWay | undefined;
  Reflect.set(server, name, (...[interceptors, stream, headers]: Parameters<Handler>) => {
    // The same ones each time: those of the server's credentials.
    way ??= before((...call) => original(interceptors, ...call));
    way(stream, headers);
  });
}
