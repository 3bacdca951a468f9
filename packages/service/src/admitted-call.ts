import type { Admitted } from "./admit.ts";
import type { Caller } from "./caller.ts";

/** What a call is once the gate has let it in; to ask before is a fault of the program. */
export abstract class AdmittedCall implements Admitted {
  #admitted: Admitted | undefined;

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

  get #proven(): Admitted {
    if (this.#admitted === undefined) throw new Error("nobody was proven to make this call");
    return this.#admitted;
  }
}
