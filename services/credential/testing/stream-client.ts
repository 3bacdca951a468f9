import { setTimeout as delay } from "node:timers/promises";
import type { CallOptions } from "@connectrpc/connect";
import { Outbox, reasonOf } from "@portcullis/service";

/** Opens a method that both sides send on. */
export type Open<Request, Response> = (
  requests: AsyncIterable<Request>,
  options: CallOptions,
) => AsyncIterable<Response>;

/** A client's end of a stream that both sides send on. */
export class StreamClient<Request, Response> {
  /** All that has come, in order. */
  readonly received: Response[] = [];
  /** The reason that it ended for; `none` if it ended well, `cut` if this side cut it. Never rejects. */
  readonly ended: Promise<string | undefined>;
  readonly #requests = new Outbox<Request>(1_000_000);
  readonly #cutting = new AbortController();
  #taken = 0;
  #wake = Promise.withResolvers<void>();

  /** `readAfter`: what has come is left unread until then. */
  constructor(
    open: Open<Request, Response>,
    options: CallOptions,
    readAfter: Promise<void> = Promise.resolve(),
  ) {
    const responses = open(this.#outgoing(), { ...options, signal: this.#cutting.signal });
    this.ended = this.#read(responses, readAfter).then(
      () => "none",
      (error: unknown) => (this.#cutting.signal.aborted ? "cut" : (reasonOf(error) ?? String(error))),
    );
  }

  send(...requests: readonly Request[]): void {
    for (const request of requests) this.#requests.push(request);
  }

  /** Resolves when nothing of what was sent has gone out for a while. */
  async untilStuck(): Promise<void> {
    for (let before = -1; this.#taken > before; ) {
      before = this.#taken;
      await delay(500);
    }
  }

  /** This side has nothing more to say. */
  close(): void {
    this.#requests.end();
  }

  /** As if the socket had gone. */
  cut(): void {
    this.#cutting.abort();
  }

  /** What `find` finds in all that has come, once it finds something. */
  async until<T>(find: (received: readonly Response[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.received);
      if (found !== undefined) return found;
      // The end first: once it has ended nothing more will come, and a wake that is over would be taken for news.
      const ended = await Promise.race([this.ended, this.#wake.promise]);
      if (ended !== undefined && find(this.received) === undefined) throw new Error(`it has ended: ${ended}`);
    }
  }

  async *#outgoing(): AsyncGenerator<Request> {
    for await (const request of this.#requests) {
      yield request;
      this.#taken++;
    }
  }

  async #read(responses: AsyncIterable<Response>, readAfter: Promise<void>): Promise<void> {
    // Asked for at once: nothing is sent before.
    const iterator = responses[Symbol.asyncIterator]();
    let next = iterator.next();
    await readAfter;
    for (let result = await next; result.done !== true; result = await next) {
      this.received.push(result.value);
      next = iterator.next();
      const wake = this.#wake;
      this.#wake = Promise.withResolvers();
      wake.resolve();
    }
  }
}
