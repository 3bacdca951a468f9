import type { ReceiptBook } from "@portcullis/service";
import type { RandomBytes } from "../domain/base62.ts";
import type {
  AttemptLimiter,
  Clock,
  CredentialStore,
  NewId,
  OwnerPolicy,
  PrincipalStore,
  SessionStore,
  UnitOfWork,
} from "../domain/ports.ts";

/** Everything that the credential service's domain needs. */
export interface CredentialDeps {
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly principals: PrincipalStore;
  readonly unitOfWork: UnitOfWork;
  readonly receipts: ReceiptBook;
  readonly attempts: AttemptLimiter;
  readonly owners: OwnerPolicy;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly randomBytes: RandomBytes;
}
