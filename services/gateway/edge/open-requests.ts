import type { HttpResponse } from "@portcullis/service";

/** The requests that are being answered. */
export class OpenRequests {
  readonly #open = new Set<HttpResponse>();
  readonly #ended = new Set<() => void>();

  add(response: HttpResponse): void {
    this.#open.add(response);
    response.once("close", () => {
      this.#open.delete(response);
      if (this.#open.size === 0) for (const resolve of this.#ended) resolve();
    });
  }

  /** Resolves when there is none, or after `graceMs`. */
  async ended(graceMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMs);
      this.#ended.add(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
