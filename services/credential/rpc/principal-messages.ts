import {
  PrincipalKind,
  PrincipalState,
  type Principal as WirePrincipal,
} from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { parseAccountId, parsePrincipalId } from "../domain/ids.ts";
import type { Principal } from "../domain/principal.ts";
import { invalid } from "./fields.ts";

const kindOfWire: ReadonlyMap<PrincipalKind, Principal["kind"]> = new Map([
  [PrincipalKind.USER, "user"],
  [PrincipalKind.SERVICE_USER, "service_user"],
]);

const stateOfWire: ReadonlyMap<PrincipalState, Principal["state"]> = new Map([
  [PrincipalState.ACTIVE, "active"],
  [PrincipalState.INACTIVE, "inactive"],
  [PrincipalState.LOCKED, "locked"],
  [PrincipalState.DELETED, "deleted"],
]);

export const wireOfState = {
  active: PrincipalState.ACTIVE,
  inactive: PrincipalState.INACTIVE,
  locked: PrincipalState.LOCKED,
  deleted: PrincipalState.DELETED,
} as const satisfies Record<Principal["state"], PrincipalState>;

/** The whole of it must be told, or nothing is enforced: VALIDATION_FAILED. */
export function parsePrincipal(principal: WirePrincipal | undefined): Principal {
  if (principal === undefined) throw invalid("principal", "is required");
  const kind = kindOfWire.get(principal.kind);
  if (kind === undefined) throw invalid("principal.kind", "must be USER or SERVICE_USER");
  const state = stateOfWire.get(principal.state);
  if (state === undefined) throw invalid("principal.state", "must be a state");
  const version = Number(principal.version);
  if (version < 1 || !Number.isSafeInteger(version)) {
    throw invalid("principal.version", "must be a version: 1 or above");
  }
  return {
    accountId: parseAccountId(principal.accountId),
    principalId: parsePrincipalId(principal.principalId),
    kind,
    state,
    version,
  };
}
