import type { ServerDuplexStream } from "@grpc/grpc-js";
import { cancellationOf } from "./call-facts.ts";

/** What a stream's method is told of. */
export interface StreamListener {
  /** A message has come. The next one comes after what is returned has resolved; what it throws ends the stream. */
  onMessage(message: Buffer): void | Promise<void>;
  /** The peer sends nothing more. */
  onEnd(): void;
  /** Once, however it ended: nothing can be written any more. */
  onClose(): void;
}

/** One bidirectional stream, bytes in, bytes out. Who does not read what is written is not read from either. */
export class ByteStream {
  /** Ends when the stream does. */
  readonly signal: AbortSignal;
  readonly #raw: ServerDuplexStream<Buffer, Uint8Array>;
  readonly #onEnded: (error: unknown) => void;
  #hasEnded = false;

  constructor(raw: ServerDuplexStream<Buffer, Uint8Array>, onEnded: (error: unknown) => void) {
    this.#raw = raw;
    this.#onEnded = onEnded;
    this.signal = cancellationOf(raw).signal;
    this.signal.addEventListener("abort", () => this.end(this.signal.reason), { once: true });
  }

  /** Messages that the peer has not taken yet. */
  get waiting(): number {
    return this.#raw.writableLength;
  }

  /** Whether nothing more will be sent than what was written. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Not for messages after the end. */
  write(message: Uint8Array): void {
    if (!this.#hasEnded && !this.#raw.destroyed) this.#raw.write(message);
  }

  /** Resolves when there is room for more, or the stream has ended. */
  async writeInTurn(message: Uint8Array): Promise<void> {
    this.write(message);
    if (!this.#raw.writableNeedDrain || this.signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#raw.once("drain", resolve);
      this.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  /** What was written is still sent, and then the end, or the error. Later ends count for nothing. */
  end(error?: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnded(error);
  }

  listen(listener: StreamListener): void {
    const raw = this.#raw;
    this.signal.addEventListener("abort", () => listener.onClose(), { once: true });
    const resume = () => void raw.resume();
    raw.on("data", (message: Buffer) => {
      if (this.#hasEnded) return;
      try {
        const wait = listener.onMessage(message);
        if (wait !== undefined) {
          raw.pause();
          wait.then(resume, (error: unknown) => this.end(error));
        } else if (raw.writableNeedDrain) {
          raw.pause();
          raw.once("drain", resume);
        }
      } catch (error) {
        this.end(error);
      }
    });
    raw.on("end", () => {
      if (!this.#hasEnded) listener.onEnd();
    });
  }
}
