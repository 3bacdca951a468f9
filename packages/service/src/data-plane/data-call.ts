import type { Admitted } from "../admit.ts";
import type { CallOrigin } from "../call.ts";
import type { Caller } from "../caller.ts";
import type { Knock } from "../gate.ts";
import { timeout } from "./call-facts.ts";

/** One call of a unary method, by whichever door. What few need, the signal above all, is made when it is asked for. */
export abstract class DataCall implements Admitted, CallOrigin, Knock {
  abstract readonly authorization: string;
  abstract readonly userAgent: string;
  abstract readonly peerAddress: string | undefined;
  readonly #timeoutMs: number;
  #admitted: Admitted | undefined;
  #signal: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** Ends when the caller goes away, or its deadline passes. */
  protected abstract cancellation(): AbortController;

  /** The gate has let it in. */
  admit(admitted: Admitted): void {
    this.#admitted = admitted;
  }

  /** Undefined until the gate has let it in. */
  get admitted(): Admitted | undefined {
    return this.#admitted;
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

  /** Ends when the caller goes away, its deadline passes, or the call has taken too long. */
  get signal(): AbortSignal {
    if (this.#signal !== undefined) return this.#signal;
    const controller = this.cancellation();
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
