export interface OutageListener {
  /** Once an outage, with its first error. */
  readonly onOutage: (error: unknown) => void;
  /** Once everything works that did not. */
  readonly onRecovery: () => void;
}

/** Makes one outage of what several parts notice of it. */
export class Outage<Part extends string> {
  readonly #listener: OutageListener;
  readonly #away = new Set<Part>();

  constructor(listener: OutageListener) {
    this.#listener = listener;
  }

  failed(part: Part, error: unknown): void {
    const isNews = this.#away.size === 0;
    this.#away.add(part);
    if (isNews) this.#listener.onOutage(error);
  }

  worked(part: Part): void {
    if (this.#away.delete(part) && this.#away.size === 0) this.#listener.onRecovery();
  }
}
