import { Code, ConnectError } from "@connectrpc/connect";
import { EnforcementMethod } from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";

export interface ReceiptTime {
  readonly method: "acknowledged" | "waited";
  readonly ms: number;
  /** Whether who served it was out of order, or Postgres was, at some moment of it. */
  readonly isDisturbed: boolean;
}

/** What a run has seen beside its history. */
export class Measurements {
  readonly receipts: ReceiptTime[] = [];
  /** By source, e.g. `VerifyToken`. */
  readonly verifications = new Map<string, number>();
  /** Verifications and changes that got no answer, by their code. */
  readonly unavailable = new Map<string, number>();
  readonly faults = new Map<string, number>();
  revocations = 0;
  longestVerificationMs = 0;

  receipt(method: EnforcementMethod | undefined, ms: number, isDisturbed: boolean): void {
    const isWaited = method === EnforcementMethod.WAITED;
    this.receipts.push({ method: isWaited ? "waited" : "acknowledged", ms, isDisturbed });
  }

  verified(source: string, tookMs: number): void {
    add(this.verifications, source);
    this.longestVerificationMs = Math.max(this.longestVerificationMs, tookMs);
  }

  failed(error: unknown): void {
    add(this.unavailable, error instanceof ConnectError ? Code[error.code] : "other");
  }

  fault(kind: string): void {
    add(this.faults, kind);
  }
}

function add(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
