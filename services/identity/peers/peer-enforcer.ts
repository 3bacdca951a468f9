import type { Client } from "@connectrpc/connect";
import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type { AccountEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/account_enforcement_pb.ts";
import type { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { unavailablePeer } from "@portcullis/service";
import type { AccountStanding, Applied } from "../domain/enforced.ts";
import type { Enforcer } from "../domain/ports.ts";
import type { Principal } from "../domain/principal.ts";
import { parseEnforcement } from "./parse-enforcement.ts";

const wireKind = { user: PrincipalKind.USER, service_user: PrincipalKind.SERVICE_USER } as const;
const wireState = {
  active: PrincipalState.ACTIVE,
  inactive: PrincipalState.INACTIVE,
  locked: PrincipalState.LOCKED,
  deleted: PrincipalState.DELETED,
} as const satisfies Record<Principal["state"], PrincipalState>;
const wireAccountState = {
  active: AccountState.ACTIVE,
  suspended: AccountState.SUSPENDED,
  deleted: AccountState.DELETED,
} as const satisfies Record<AccountStanding["state"], AccountState>;

const stateOfWire: ReadonlyMap<PrincipalState, Principal["state"]> = new Map([
  [PrincipalState.ACTIVE, "active"],
  [PrincipalState.INACTIVE, "inactive"],
  [PrincipalState.LOCKED, "locked"],
  [PrincipalState.DELETED, "deleted"],
]);
const accountStateOfWire: ReadonlyMap<AccountState, AccountStanding["state"]> = new Map([
  [AccountState.ACTIVE, "active"],
  [AccountState.SUSPENDED, "suspended"],
  [AccountState.DELETED, "deleted"],
]);

/** What an enforcer in another process is reached by. */
export interface EnforcerClients {
  readonly accounts: Client<typeof AccountEnforcementService>;
  readonly principals: Client<typeof PrincipalEnforcementService>;
}

/** An enforcer in another process. */
export function createPeerEnforcer(
  name: string,
  clients: EnforcerClients,
  grant?: Enforcer["grant"],
): Enforcer {
  return {
    name,
    ...(grant === undefined ? {} : { grant }),
    apply: (enforced, signal) =>
      enforced.kind === "account"
        ? applyAccount(name, clients, enforced, signal)
        : applyPrincipal(name, clients, enforced, signal),
    async preview(ref, signal) {
      const asked =
        "principalId" in ref
          ? clients.principals.previewPrincipal(ref, { signal })
          : clients.accounts.previewAccount(ref, { signal });
      const { dependents } = await asked.catch((error: unknown) => {
        throw unavailablePeer(name, error);
      });
      return dependents.map(({ kind, count }) => ({ kind, count: Number(count) }));
    },
  };
}

async function applyPrincipal(
  name: string,
  { principals }: EnforcerClients,
  told: Principal,
  signal: AbortSignal,
): Promise<Applied> {
  const { accountId, principalId, superAdmin } = told;
  const kind = wireKind[told.kind];
  const principal = {
    accountId,
    principalId,
    kind,
    state: wireState[told.state],
    version: BigInt(told.version),
    superAdmin,
  };
  const applied = await principals.applyPrincipal({ principal }, { signal });
  return {
    version: Number(applied.appliedVersion),
    state: stateOfWire.get(applied.appliedState) ?? silent(name),
    superAdmin: applied.appliedSuperAdmin,
    enforcement: parseEnforcement(name, applied.enforcement),
  };
}

async function applyAccount(
  name: string,
  { accounts }: EnforcerClients,
  { accountId, state, version }: AccountStanding,
  signal: AbortSignal,
): Promise<Applied> {
  const request = { accountId, state: wireAccountState[state], version: BigInt(version) };
  const applied = await accounts.applyAccount(request, { signal });
  return {
    version: Number(applied.appliedVersion),
    state: accountStateOfWire.get(applied.appliedState) ?? silent(name),
    superAdmin: undefined,
    enforcement: parseEnforcement(name, applied.enforcement),
  };
}

function silent(name: string): never {
  throw new Error(`${name} does not say which state it enforces: it is of another release`);
}
