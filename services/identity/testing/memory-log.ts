import { toBinary } from "@bufbuild/protobuf";
import { EnforcementSchema } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { toEnforcement } from "@portcullis/service";
import type { Enforcement } from "../domain/revocation.ts";

/** The log of a service in memory, whose only replica acknowledges at once. */
export class MemoryLog {
  /** False: as one of an older release, it has nothing to say. */
  isAbleToSay = true;
  readonly #service: string;
  #position = 0;

  constructor(service: string) {
    this.#service = service;
  }

  append(): void {
    this.#position++;
  }

  /** Of all that was appended. */
  say(): Enforcement | undefined {
    if (!this.isAbleToSay) return undefined;
    const settled = {
      at: { generation: "g", position: this.#position },
      effectiveWallMs: Date.now(),
      method: "acknowledged",
      verifiers: [{ replica: `${this.#service}-1`, outcome: "acknowledged" }],
      sessionsClosed: 0,
    } as const;
    const said = toBinary(EnforcementSchema, toEnforcement(this.#service, settled, undefined));
    return { enforcer: this.#service, said };
  }
}
