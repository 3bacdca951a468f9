import type { Clock as MachineClock, Replica, Timing } from "@portcullis/coherence";
import type { ReceiptBook } from "@portcullis/service";
import type { RandomBytes } from "../domain/base62.ts";
import type {
  AccountStore,
  AttemptLimiter,
  Clock,
  CredentialStore,
  LastUses,
  NewId,
  OwnerPolicy,
  PlanFeatures,
  PresentedCredentials,
  PrincipalStore,
  SessionStore,
  UnitOfWork,
} from "../domain/ports.ts";

/** Everything that the credential service's domain needs. */
export interface CredentialDeps {
  readonly accounts: AccountStore;
  readonly credentials: CredentialStore;
  readonly presented: PresentedCredentials;
  readonly sessions: SessionStore;
  readonly principals: PrincipalStore;
  readonly unitOfWork: UnitOfWork;
  readonly receipts: ReceiptBook;
  readonly attempts: AttemptLimiter;
  readonly uses: LastUses;
  readonly owners: OwnerPolicy;
  readonly plans: PlanFeatures;
  readonly clock: Clock;
  readonly coherence: {
    readonly replica: Replica;
    /** Of the machine, for waiting. */
    readonly clock: MachineClock;
    readonly timing: Timing;
  };
  readonly newId: NewId;
  readonly randomBytes: RandomBytes;
}
