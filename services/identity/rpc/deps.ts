import type {
  AccountStore,
  Clock,
  EnforcementOutbox,
  Enforcer,
  NewId,
  ServiceUserStore,
  UnitOfWork,
} from "../domain/ports.ts";

/** Everything that identity's domain needs, as main.ts makes it. */
export interface IdentityDeps {
  readonly accounts: AccountStore;
  readonly serviceUsers: ServiceUserStore;
  readonly unitOfWork: UnitOfWork;
  readonly outbox: EnforcementOutbox;
  readonly enforcers: readonly Enforcer[];
  readonly clock: Clock;
  readonly newId: NewId;
}
