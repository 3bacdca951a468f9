import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";

type Mode =
  | { readonly kind: "open" }
  /** What is connected is disconnected, and nobody else is let in. */
  | { readonly kind: "cut" }
  /** Nothing arrives, and nobody is told; what was sent meanwhile arrives afterwards. */
  | { readonly kind: "stuck"; readonly until: Promise<void>; readonly passes: "nothing" | "questions" }
  | { readonly kind: "slow"; readonly delayMs: number };

/** Stands between a client and the server of a URL, and does what networks do. */
export class FaultProxy {
  readonly #server: Server;
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #mode: Mode = { kind: "open" };
  #unstick = () => {};

  private constructor(server: Server, target: URL) {
    this.#server = server;
    this.#target = target;
    server.on("connection", (client) => this.#serve(client));
  }

  static async start(targetUrl: string): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new FaultProxy(server, new URL(targetUrl));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  /** The target's, by way of the proxy. */
  get url(): string {
    const url = new URL(this.#target);
    // `address` is a string for pipes only.
    url.host = `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return url.href;
  }

  cut(): void {
    this.#set({ kind: "cut" });
    for (const socket of this.#sockets) socket.destroy();
  }

  /** `questions`: they pass, but their answers don't. */
  stick(passes: "nothing" | "questions" = "nothing"): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#set({ kind: "stuck", until: promise, passes });
    this.#unstick = resolve;
  }

  slow(delayMs: number): void {
    this.#set({ kind: "slow", delayMs });
  }

  heal(): void {
    this.#set({ kind: "open" });
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #set(mode: Mode): void {
    this.#mode = mode;
    this.#unstick();
    this.#unstick = () => {};
  }

  #serve(client: Socket): void {
    if (this.#mode.kind === "cut") {
      client.destroy();
      return;
    }
    const upstream = connect({
      port: Number(this.#target.port),
      host: this.#target.hostname,
      allowHalfOpen: true,
    });
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      socket.setNoDelay(true);
      this.#sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      void this.#forward(socket, other, socket === client);
    }
  }

  /** Until when nothing goes that way; undefined if it does. */
  #stuckFor(isQuestion: boolean): Promise<unknown> | undefined {
    if (this.#mode.kind !== "stuck" || (isQuestion && this.#mode.passes === "questions")) return undefined;
    return this.#mode.until;
  }

  /** Never rejects: a connection that breaks is over. */
  async #forward(from: Socket, to: Socket, isQuestion: boolean): Promise<void> {
    try {
      for await (const chunk of from) {
        for (
          let stuck = this.#stuckFor(isQuestion);
          stuck !== undefined;
          stuck = this.#stuckFor(isQuestion)
        ) {
          await stuck;
        }
        if (this.#mode.kind === "slow") await delay(this.#mode.delayMs);
        if (!to.write(chunk)) await once(to, "drain");
      }
      to.end();
    } catch {
      to.destroy();
    }
  }
}
