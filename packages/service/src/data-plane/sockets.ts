import { once } from "node:events";
import type net from "node:net";
import { createSocketServer, type ListenOptions, listenOn } from "../server/socket-server.ts";

/**
 * The connections of a port, to be cut where their owner does not end them: grpc-js's own forceShutdown ends none of
 * them without its channelz, and its tryShutdown may never tell that it is done.
 */
export class Sockets {
  readonly #server: net.Server;
  readonly #sockets = new Set<net.Socket>();

  private constructor(tls: ListenOptions["tls"], take: (socket: net.Socket) => void) {
    this.#server = createSocketServer(tls, (socket) => {
      if (!this.#server.listening) return void socket.destroy();
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
      socket.on("error", () => socket.destroy());
      take(socket);
    });
  }

  /** Rejects with the system's error, e.g. EADDRINUSE. */
  static async listen(
    options: ListenOptions,
    take: (socket: net.Socket) => void,
  ): Promise<{ readonly sockets: Sockets; readonly port: number }> {
    const sockets = new Sockets(options.tls, take);
    return { sockets, port: await listenOn(sockets.#server, options) };
  }

  /** Takes no more; resolves when those that there are have ended, which after `graceMs` they are made to. */
  async close(graceMs: number): Promise<void> {
    this.#server.close();
    const cut = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, graceMs);
    while (this.#sockets.size > 0) {
      const [first] = this.#sockets;
      if (first !== undefined) await once(first, "close");
    }
    clearTimeout(cut);
  }
}
