import type { Client } from "@connectrpc/connect";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { unavailablePeer } from "@portcullis/service";
import type { Enforcer } from "../domain/ports.ts";
import type { Principal } from "../domain/principal.ts";

const wireKind = { user: PrincipalKind.USER, service_user: PrincipalKind.SERVICE_USER } as const;
const wireState = {
  active: PrincipalState.ACTIVE,
  inactive: PrincipalState.INACTIVE,
  locked: PrincipalState.LOCKED,
  deleted: PrincipalState.DELETED,
} as const satisfies Record<Principal["state"], PrincipalState>;

const stateOfWire: ReadonlyMap<PrincipalState, Principal["state"]> = new Map([
  [PrincipalState.ACTIVE, "active"],
  [PrincipalState.INACTIVE, "inactive"],
  [PrincipalState.LOCKED, "locked"],
  [PrincipalState.DELETED, "deleted"],
]);

/** An enforcer in another process. */
export function createPeerEnforcer(
  name: string,
  client: Client<typeof PrincipalEnforcementService>,
  grant?: Enforcer["grant"],
): Enforcer {
  return {
    name,
    ...(grant === undefined ? {} : { grant }),
    async apply(principal, signal) {
      const { accountId, principalId, version, superAdmin } = principal;
      const { appliedVersion, appliedState, appliedSuperAdmin } = await client.applyPrincipal(
        {
          principal: {
            accountId,
            principalId,
            kind: wireKind[principal.kind],
            state: wireState[principal.state],
            version: BigInt(version),
            superAdmin,
          },
        },
        { signal },
      );
      const state = stateOfWire.get(appliedState);
      if (state === undefined)
        throw new Error(`${name} does not say what it enforces: it is of an older release`);
      return { version: Number(appliedVersion), state, superAdmin: appliedSuperAdmin };
    },
    async preview({ accountId, principalId }, signal) {
      const { dependents } = await client
        .previewPrincipal({ accountId, principalId }, { signal })
        .catch((error: unknown) => {
          throw unavailablePeer(name, error);
        });
      return dependents.map(({ kind, count }) => ({ kind, count: Number(count) }));
    },
  };
}
