import type { MessageInitShape } from "@bufbuild/protobuf";
import { ObjectAction } from "@portcullis/contracts/portcullis/authorization/v1/check_pb.ts";
import type {
  ObjectAccessSchema,
  RegisterObjectsRequest,
} from "@portcullis/contracts/portcullis/authorization/v1/object_pb.ts";
import type { Call } from "@portcullis/service";
import type { Viewer } from "../domain/get-object-access.ts";
import { type AccountId, parsePrincipalRef } from "../domain/ids.ts";
import type { ObjectAccess, ObjectSet } from "../domain/object-access.ts";
import type { Registrations } from "../domain/register-objects.ts";
import type { Share } from "../domain/share-objects.ts";
import { parseAction, parseObjectRef } from "./check-messages.ts";

const actions = { view: ObjectAction.VIEW, modify: ObjectAction.MODIFY } as const;

interface WireObjects {
  readonly objectType: string;
  readonly objectIds: readonly string[];
}

/** VALIDATION_FAILED for a NUL. */
export function parseObjects(accountId: AccountId, { objectType, objectIds }: WireObjects): ObjectSet {
  for (const objectId of objectIds) parseObjectRef({ objectType, objectId });
  return { accountId, objectType, objectIds: [...new Set(objectIds)] };
}

export function parseShare(
  accountId: AccountId,
  request: WireObjects & { readonly holderIds: readonly string[]; readonly action: ObjectAction },
): Share {
  const { holderIds, action } = request;
  return { objects: parseObjects(accountId, request), holderIds, action: parseAction(action) };
}

/** Where no creator is named it is the caller, if that is a principal of the account. */
export function parseRegistrations(
  accountId: AccountId,
  caller: Call["caller"],
  { objectType, objects }: RegisterObjectsRequest,
): Registrations {
  const self = caller.kind === "principal" && caller.accountId === accountId ? caller.principalId : undefined;
  const byId = new Map(
    objects.map(({ objectId, creatorId }) => [
      objectId,
      {
        objectId: parseObjectRef({ objectType, objectId }).objectId,
        creatorId: creatorId === "" ? self : creatorId,
      },
    ]),
  );
  return { accountId, objectType, objects: [...byId.values()] };
}

export function toObjectAccess(access: ObjectAccess): MessageInitShape<typeof ObjectAccessSchema> {
  const { objectType, objectId, creatorId = "", entries } = access;
  return {
    object: { objectType, objectId },
    creatorId,
    entries: entries.map(({ holderId, action }) => ({ holderId, action: actions[action] })),
  };
}

export function viewerOf({ caller, unrestricted }: Call): Viewer {
  if (unrestricted || caller.kind === "workload") return { of: "all" };
  return { of: "principal", ref: parsePrincipalRef(caller.accountId, caller.principalId) };
}
