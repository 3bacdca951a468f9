import type { Admitted } from "../admit.ts";
import type { CallOrigin } from "../call.ts";
import type { Caller } from "../caller.ts";
import type { Knock } from "../gate.ts";
import { cancellationOf, metadataOf, peerAddressOf, type RawCall, timeout } from "./call-facts.ts";

/** One unary call. What few need, the signal above all, is made when it is asked for. */
export class UnaryCall implements Admitted, CallOrigin, Knock {
  readonly #raw: RawCall;
  readonly #timeoutMs: number;
  #admitted: Admitted | undefined;
  #signal: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(raw: RawCall, timeoutMs: number) {
    this.#raw = raw;
    this.#timeoutMs = timeoutMs;
  }

  /** The gate has let it in. */
  admit(admitted: Admitted): void {
    this.#admitted = admitted;
  }

  get caller(): Caller {
    return this.#proven.caller;
  }

  get accountId(): string {
    return this.#proven.accountId;
  }

  get unrestricted(): boolean {
    return this.#proven.unrestricted;
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

  /** Ends when the caller goes away, its deadline passes, or the call has taken too long. */
  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal;
    const controller = cancellationOf(this.#raw);
    const late = () => controller.abort(timeout("the call has taken too long"));
    this.#timer = setTimeout(late, this.#timeoutMs).unref();
    this.#signal = controller.signal;
    return this.#signal;
  }

  /** It has been answered. */
  finish(): void {
    clearTimeout(this.#timer);
  }

  /** The signal, if anybody has asked for it. */
  get signalInUse(): AbortSignal | undefined {
    return this.#signal;
  }

  get #proven(): Admitted {
    if (this.#admitted === undefined) throw new Error("nobody was proven to make this call");
    return this.#admitted;
  }
}
