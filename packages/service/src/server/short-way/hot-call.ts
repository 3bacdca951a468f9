import { DataCall } from "../../data-plane/data-call.ts";
import type { HttpRequest } from "../listener.ts";
import { headerOf } from "./protocol.ts";

/** One call of a hot method of the control plane. */
export class HotCall extends DataCall {
  readonly #request: HttpRequest;
  #cancellation: AbortController | undefined;

  constructor(request: HttpRequest, timeoutMs: number) {
    super(timeoutMs);
    this.#request = request;
  }

  get authorization(): string {
    return headerOf(this.#request, "authorization");
  }

  get userAgent(): string {
    return headerOf(this.#request, "user-agent");
  }

  get peerAddress(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  /** Its own signal ends with this one. */
  endWith(signal: AbortSignal): void {
    const end = () => this.cancellation().abort(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  }

  protected cancellation(): AbortController {
    this.#cancellation ??= new AbortController();
    return this.#cancellation;
  }
}
