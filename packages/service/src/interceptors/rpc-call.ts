import type { StreamRequest, UnaryRequest } from "@connectrpc/connect";
import type { Admitted } from "../admit.ts";
import { AdmittedCall } from "../admitted-call.ts";
import type { Call, OpenCall } from "../call.ts";
import type { Knock } from "../gate.ts";

/** One call of the control plane. What few need, the signal above all, is made when it is asked for. */
export class RpcCall extends AdmittedCall implements Call, OpenCall, Knock {
  readonly peerAddress: string | undefined;
  readonly #request: UnaryRequest | StreamRequest;
  readonly #timeoutMs: number;
  readonly #startedAt = performance.now();
  #proveAgain: (() => Promise<void>) | undefined;
  #signal: AbortSignal | undefined;

  constructor(
    request: UnaryRequest | StreamRequest,
    peerAddress: string | undefined,
    /** A call ends after this long, unless it is a stream that both sides send on: these are meant to last. */
    timeoutMs: number,
  ) {
    super();
    this.#request = request;
    this.peerAddress = peerAddress;
    this.#timeoutMs = timeoutMs;
  }

  /** The gate has let it in. `proveAgain` asks the gate again. */
  override admit(admitted: Admitted, proveAgain?: () => Promise<void>): void {
    super.admit(admitted);
    this.#proveAgain = proveAgain;
  }

  get method(): string {
    return `${this.#request.service.typeName}/${this.#request.method.name}`;
  }

  get userAgent(): string {
    return this.#request.header.get("user-agent") ?? "";
  }

  get authorization(): string {
    return this.#request.header.get("authorization") ?? "";
  }

  get signal(): AbortSignal {
    if (this.#isLasting) return this.#request.signal;
    this.#signal ??= this.#within(this.#timeoutMs - (performance.now() - this.#startedAt));
    return this.#signal;
  }

  async proveAgain(): Promise<void> {
    return this.#proveAgain?.();
  }

  /** For the gate: what is done there, now or within a stream, takes no longer than a call. */
  get knock(): Knock {
    if (!this.#isLasting) return this;
    const { authorization, peerAddress, userAgent } = this;
    return { authorization, peerAddress, userAgent, signal: this.#within(this.#timeoutMs) };
  }

  get #isLasting(): boolean {
    return this.#request.method.methodKind === "bidi_streaming";
  }

  #within(ms: number): AbortSignal {
    return AbortSignal.any([this.#request.signal, AbortSignal.timeout(Math.max(0, Math.ceil(ms)))]);
  }
}
