/** Messages on their way to a peer that reads as fast as it can. One reader. */
export class Outbox<T> implements AsyncIterable<T> {
  readonly #lengthMax: number;
  #messages: T[] = [];
  #end: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /** More than `lengthMax` messages don't wait for a reader that is too slow. */
  constructor(lengthMax: number) {
    this.#lengthMax = lengthMax;
  }

  /** False if there is no room, or it has ended: then the message is not sent. */
  push(message: T): boolean {
    if (this.#end !== undefined || this.#messages.length >= this.#lengthMax) return false;
    this.#messages.push(message);
    this.#wake?.();
    return true;
  }

  /** Whether there will be no more messages than those that are waiting. */
  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** What is waiting is still read, and then the end, or the error. Later ends count for nothing. */
  end(error?: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    for (;;) {
      const messages = this.#messages;
      this.#messages = [];
      yield* messages;
      if (this.#messages.length > 0) continue;
      if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
  }
}
