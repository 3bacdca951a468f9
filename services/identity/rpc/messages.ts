import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { AccountState } from "@portcullis/contracts/portcullis/common/v1/account_pb.ts";
import { DependentsSchema } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type { AccountSchema } from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import {
  type ServiceUserSchema,
  ServiceUserState as WireState,
} from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { DomainError } from "@portcullis/errors";
import type { Call } from "@portcullis/service";
import type { Account } from "../domain/account.ts";
import { etagOf } from "../domain/etag.ts";
import { type AccountId, parseAccountId, parseServiceUserId } from "../domain/ids.ts";
import type { Page, ServiceUserFilter, ServiceUserRef } from "../domain/ports.ts";
import type { Dependents } from "../domain/principal.ts";
import { addressOf, nameKeyOf, type ServiceUser } from "../domain/service-user.ts";

const pageSizeDefault = 50;

/** The account that the call is about; a workload must have named one. */
export function accountIdOf(call: Call): AccountId {
  return parseAccountId(call.accountId);
}

/** An id, or `sa::<name>` in any case. What can be neither is not found. */
export function parseServiceUserRef(text: string): ServiceUserRef {
  // No name has a control character, and Postgres takes no NUL in a text.
  const address = /^sa::(\P{Cc}+)$/iu.exec(text)?.[1];
  return address === undefined ? { id: parseServiceUserId(text) } : { nameKey: nameKeyOf(address) };
}

/** The proto has checked the limits. */
export function parsePage(request: {
  readonly pageSize: number;
  readonly pageToken: string;
  readonly skip?: number;
}): Page {
  const { pageSize, pageToken, skip = 0 } = request;
  return { size: pageSize === 0 ? pageSizeDefault : pageSize, token: pageToken, skip };
}

export function parseEtag(etag: string): string | undefined {
  return etag === "" ? undefined : etag;
}

/** The proto lets a name be empty, for where the mask does not name it. */
export function parseName(field: string, name: string): string {
  if (name !== "") return name;
  throw new DomainError("VALIDATION_FAILED", `${field} must not be empty`, {
    metadata: { [field]: "must not be empty" },
  });
}

const stateOfWire = {
  [WireState.ACTIVE]: "active",
  [WireState.INACTIVE]: "inactive",
  [WireState.LOCKED]: "locked",
} as const;

/** The proto admits no other states. */
export function parseStates(states: readonly WireState[]): ServiceUserFilter["states"] {
  return states.flatMap((state) => {
    const known = stateOfWire[state as keyof typeof stateOfWire];
    return known === undefined ? [] : [known];
  });
}

const wireOfState = {
  active: WireState.ACTIVE,
  inactive: WireState.INACTIVE,
  locked: WireState.LOCKED,
  deleted: WireState.DELETED,
} as const satisfies Record<ServiceUser["state"]["is"], WireState>;

export function toServiceUser(user: ServiceUser): MessageInitShape<typeof ServiceUserSchema> {
  return {
    serviceUserId: user.id,
    accountId: user.accountId,
    name: user.name,
    address: addressOf(user),
    description: user.description,
    state: wireOfState[user.state.is],
    createTime: timestampFromDate(user.createdAt),
    updateTime: timestampFromDate(user.updatedAt),
    etag: etagOf(user),
  };
}

const wireOfAccountState = {
  active: AccountState.ACTIVE,
  suspended: AccountState.SUSPENDED,
} as const satisfies Record<Account["state"], AccountState>;

export function toAccount(account: Account): MessageInitShape<typeof AccountSchema> {
  return {
    accountId: account.id,
    displayName: account.displayName,
    planId: account.planId,
    mfaRequired: account.mfaRequired,
    state: wireOfAccountState[account.state],
    createTime: timestampFromDate(account.createdAt),
    updateTime: timestampFromDate(account.updatedAt),
    etag: etagOf(account),
  };
}

export function toDependents(dependents: readonly Dependents[]) {
  return dependents.map(({ kind, count }) => create(DependentsSchema, { kind, count: BigInt(count) }));
}
