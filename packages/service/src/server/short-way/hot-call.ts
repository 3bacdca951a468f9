import { DataCall } from "../../data-plane/data-call.ts";
import type { HttpRequest, HttpResponse } from "../listener.ts";
import { headerOf } from "./protocol.ts";

/** One call of a hot method of the control plane. */
export class HotCall extends DataCall {
  readonly #request: HttpRequest;
  readonly #response: HttpResponse;
  #isOver = false;

  constructor(request: HttpRequest, response: HttpResponse, timeoutMs: number) {
    super(timeoutMs);
    this.#request = request;
    this.#response = response;
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

  override finish(): void {
    super.finish();
    this.#isOver = true;
  }

  protected cancellation(): AbortController {
    const controller = new AbortController();
    this.#response.once("close", () => {
      if (!this.#isOver) controller.abort();
    });
    return controller;
  }
}
