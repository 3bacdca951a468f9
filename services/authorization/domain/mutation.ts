import type { Effect } from "./effect.ts";
import type { AccountId } from "./ids.ts";

/** Who asks for a change. */
export type Actor =
  | {
      readonly kind: "principal";
      readonly accountId: string;
      readonly principalId: string;
      readonly credentialId: string;
    }
  | { readonly kind: "workload"; readonly name: string };

/** A change that is asked for: by whom, and by which request. */
export interface Mutation {
  readonly actor: Actor;
  /** The account that the request is about. */
  readonly accountId: string;
  readonly method: string;
  readonly requestId: string | undefined;
  readonly requestDigest: Uint8Array;
}

/** What came of a mutation: done now, or by an earlier request with the same id. */
export type Outcome<T> = { readonly effect: Effect | undefined } & (
  | { readonly repeated: false; readonly value: T }
  | { readonly repeated: true; readonly resourceId: string }
);

/** What is noted of a change. */
export interface AuditEvent {
  readonly accountId: AccountId;
  readonly action: string;
  readonly targetId: string;
  /** Never a secret. */
  readonly detail: Readonly<Record<string, unknown>>;
}
