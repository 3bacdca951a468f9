import { AdmittedCall } from "../admitted-call.ts";
import type { CallOrigin } from "../call.ts";
import type { Knock } from "../gate.ts";
import { timeout } from "./call-facts.ts";

/** One call of a unary method, by whichever door. What few need, the signal above all, is made when it is asked for. */
export abstract class DataCall extends AdmittedCall implements CallOrigin, Knock {
  abstract readonly authorization: string;
  abstract readonly userAgent: string;
  abstract readonly peerAddress: string | undefined;
  readonly #timeoutMs: number;
  #signal: AbortSignal | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(timeoutMs: number) {
    super();
    this.#timeoutMs = timeoutMs;
  }

  /** Ends when the caller goes away, or its deadline passes. */
  protected abstract cancellation(): AbortController;

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
}
