import type http from "node:http";
import type net from "node:net";

/** The HTTP/1.1 connections of a server that does not listen by itself, and so does not know how to close. */
export class Http1Connections {
  /** With the number of requests that are being answered on each. */
  readonly #open = new Map<net.Socket, number>();
  readonly #answering = new Set<http.ServerResponse>();
  #isClosing = false;
  #drained: (() => void) | undefined;

  constructor(server: http.Server) {
    server.on("connection", (socket: net.Socket) => {
      this.#open.set(socket, 0);
      socket.once("close", () => {
        this.#open.delete(socket);
        if (this.#open.size === 0) this.#drained?.();
      });
    });
    server.on("request", ({ socket }, response) => {
      this.#open.set(socket, (this.#open.get(socket) ?? 0) + 1);
      if (this.#isClosing) response.shouldKeepAlive = false;
      this.#answering.add(response);
      response.once("close", () => this.#answered(socket, response));
    });
  }

  /** Requests that have arrived are answered, and nothing else waited for; after `graceMs` all are cut off. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    for (const response of this.#answering) if (!response.headersSent) response.shouldKeepAlive = false;
    for (const [socket, requests] of this.#open) if (requests === 0) socket.destroy();
    if (this.#open.size === 0) return;
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    const cut = setTimeout(() => {
      for (const socket of this.#open.keys()) socket.destroy();
    }, graceMs);
    await drained;
    clearTimeout(cut);
  }

  #answered(socket: net.Socket, response: http.ServerResponse): void {
    this.#answering.delete(response);
    const requests = this.#open.get(socket);
    if (requests === undefined) return;
    this.#open.set(socket, requests - 1);
    if (this.#isClosing && requests === 1) socket.destroySoon();
  }
}
