import http from "node:http";
import http2 from "node:http2";
import type net from "node:net";
import { Http1Connections } from "./http1-connections.ts";
import { concurrentStreamsMax } from "./limits.ts";
import { createSocketServer, type ListenOptions, listenOn, silentConnectionMs } from "./socket-server.ts";

export type Handler = ReturnType<typeof import("@connectrpc/connect-node").connectNodeAdapter>;
export type HttpRequest = Parameters<Handler>[0];
export type HttpResponse = Parameters<Handler>[1];

/** One open port that speaks HTTP/2 (by prior knowledge, or by ALPN where there is TLS) and HTTP/1.1. */
export interface Listener {
  /** The port that is listened on. */
  readonly port: number;
  /**
   * Accepts no more connections or calls and resolves when every call in flight has been answered, or after
   * `graceMs`, when what is left is cut off.
   */
  close(graceMs: number): Promise<void>;
}

/** An HTTP/1.1 request whose headers take longer is cut off, with 408. */
const headersMs = 10_000;
const connectionsCheckingInterval = 2_000;

/** Every HTTP/2 connection begins with this; HTTP/1 methods are not spelled so. */
const http2Preface = Buffer.from("PRI");

/**
 * Listens on host and port. Rejects with the system's error, e.g. EADDRINUSE. `prepare` may set limits on the servers
 * before they take their first connection.
 */
export async function listen(
  options: ListenOptions,
  handler: Handler,
  prepare: (servers: { readonly http1: http.Server; readonly http2: http2.Http2Server }) => void = () => {},
): Promise<Listener> {
  const http1Server = http.createServer({ headersTimeout: headersMs, connectionsCheckingInterval }, handler);
  const settings = { maxConcurrentStreams: concurrentStreamsMax };
  const http2Server = http2.createServer({ settings }, handler);
  prepare({ http1: http1Server, http2: http2Server });
  // It never listens by itself, but is given connections; what watches over slow ones begins with this event.
  http1Server.emit("listening");
  const http1Connections = new Http1Connections(http1Server);
  const sessions = new Set<http2.ServerHttp2Session>();
  http2Server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    session.on("error", () => session.destroy());
  });

  const waiting = new Set<net.Socket>();
  const take = (socket: net.Socket) => {
    if (!server.listening) return void socket.destroy();
    waiting.add(socket);
    socket.setTimeout(silentConnectionMs, () => socket.destroy());
    socket.on("error", () => socket.destroy());
    socket.once("close", () => waiting.delete(socket));
    socket.on("readable", function sniff() {
      const start: Buffer | null = socket.read();
      if (start === null) return;
      socket.unshift(start);
      const isPreface = http2Preface.subarray(0, start.length).equals(start.subarray(0, http2Preface.length));
      if (isPreface && start.length < http2Preface.length) return; // undecided: more will come
      socket.off("readable", sniff);
      socket.setTimeout(0);
      waiting.delete(socket);
      (isPreface ? http2Server : http1Server).emit("connection", socket);
    });
  };
  const server = createSocketServer(options.tls, take);

  const port = await listenOn(server, options);
  return {
    port,
    async close(graceMs) {
      server.close();
      for (const socket of waiting) socket.destroy();
      const http1Closed = http1Connections.close(graceMs);
      const drained = Promise.all([...sessions].map(drain));
      const cut = setTimeout(() => {
        for (const session of sessions) session.destroy();
      }, graceMs);
      await Promise.all([http1Closed, drained]);
      clearTimeout(cut);
      http1Server.close();
      http2Server.close();
    },
  };
}

/**
 * Ends an HTTP/2 connection: calls that have arrived are answered. One that is on its way meets the GOAWAY and
 * is refused in the way that tells its client that it was not processed, and may be sent again elsewhere.
 */
function drain(session: http2.ServerHttp2Session): Promise<void> {
  return new Promise((resolve) => {
    if (session.destroyed) return resolve();
    session.once("close", resolve);
    session.close();
  });
}
