import type { RandomBytes } from "../domain/base62.ts";
import type {
  AccountStore,
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
  readonly accounts: AccountStore;
  readonly credentials: CredentialStore;
  readonly sessions: SessionStore;
  readonly principals: PrincipalStore;
  readonly unitOfWork: UnitOfWork;
  readonly attempts: AttemptLimiter;
  readonly owners: OwnerPolicy;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly randomBytes: RandomBytes;
}
