import { cancellationOf, metadataOf, peerAddressOf, type RawCall } from "./call-facts.ts";
import { DataCall } from "./data-call.ts";

/** One unary call of the data plane. */
export class UnaryCall extends DataCall {
  readonly #raw: RawCall;

  constructor(raw: RawCall, timeoutMs: number) {
    super(timeoutMs);
    this.#raw = raw;
  }

  get authorization(): string {
    return metadataOf(this.#raw, "authorization");
  }

  get userAgent(): string {
    return metadataOf(this.#raw, "user-agent");
  }

  get peerAddress(): string | undefined {
    return peerAddressOf(this.#raw);
  }

  protected cancellation(): AbortController {
    return cancellationOf(this.#raw);
  }
}
