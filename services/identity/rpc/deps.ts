import type { ReceiptBook } from "@portcullis/service";
import type { Mailer, PeopleDeps } from "../domain/people-ports.ts";
import type { AccountStore, EnforcementOutbox, Enforcer, ServiceUserStore } from "../domain/ports.ts";

/** Everything that identity's domain needs, as main.ts makes it. */
export interface IdentityDeps extends PeopleDeps {
  readonly accounts: AccountStore;
  readonly serviceUsers: ServiceUserStore;
  readonly outbox: EnforcementOutbox;
  readonly enforcers: readonly Enforcer[];
  readonly mailer: Mailer;
  readonly receipts: ReceiptBook;
  /** Where links in mails lead, without a slash at the end. */
  readonly publicUrl: string;
}
