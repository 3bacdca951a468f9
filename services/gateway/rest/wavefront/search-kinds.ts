import type { Group } from "@portcullis/contracts/portcullis/authorization/v1/group_pb.ts";
import type { Role } from "@portcullis/contracts/portcullis/authorization/v1/role_pb.ts";
import type { Credential } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import type { z } from "zod";
import { peopleSources, serviceSource } from "./accounts.ts";
import { WavefrontError } from "./errors.ts";
import type { Window } from "./fields.ts";
import {
  type Account,
  accountsOf,
  findAccounts,
  type PersonAccount,
  type ServiceAccount,
} from "./find-accounts.ts";
import { type Held, heldBy } from "./holdings.ts";
import { toUuid } from "./ids.ts";
import { type NumberedSource, readWindow } from "./numbered-pages.ts";
import type { WavefrontCall } from "./operation.ts";
import { toShownPermissions } from "./permissions.ts";
import { namesOfOne } from "./roles.ts";
import type { Condition, SearchFields } from "./search-query.ts";
import { showAccounts, showFoundUsers, showServices } from "./show-accounts.ts";
import { showGroups } from "./show-groups.ts";
import { showFullRoles } from "./show-roles.ts";
import { readTokens, showCustomerToken } from "./show-tokens.ts";
import {
  accountView,
  customerTokenView,
  foundUserView,
  fullRoleView,
  groupView,
  serviceAccountView,
} from "./views.ts";

/** One kind of things that can be searched for. */
export interface SearchKind<Thing> {
  readonly name: string;
  readonly view: z.ZodType;
  readonly fields: SearchFields<Thing>;
  /** All that may match; `needed` are the fields that will be asked for. */
  load(
    call: WavefrontCall,
    conditions: readonly Condition[],
    needed: readonly string[],
  ): Promise<readonly Thing[]>;
  /** A part of everything, where that can be told without reading all of it. */
  window?(call: WavefrontCall, window: Window): Promise<{ items: readonly Thing[]; total: number }>;
  show(call: WavefrontCall, things: readonly Thing[]): Promise<readonly object[]>;
}

/** An account, and what it holds where that was needed. */
interface Found<Kind extends Account> {
  readonly account: Kind;
  readonly held: Held | undefined;
}

const heldFields = {
  groups: ({ held }: Found<Account>) => toShownPermissions(held?.permissionIds ?? []),
  roles: ({ held }: Found<Account>) => (held?.roleIds ?? []).map(toUuid),
  userGroups: ({ held }: Found<Account>) => (held?.groupIds ?? []).map(toUuid),
  unitedPermissions: ({ held }: Found<Account>) => toShownPermissions(held?.unitedPermissionIds ?? []),
  unitedRoles: ({ held }: Found<Account>) => (held?.unitedRoleIds ?? []).map(toUuid),
};
const accountFields = {
  id: ({ account }: Found<Account>) => [account.identifier],
  identifier: ({ account }: Found<Account>) => [account.identifier],
  ...heldFields,
};
const isIdentifier = (field: string) => field === "id" || field === "identifier";

/** Above so many that may match, a search must say more about whom it is for. */
const candidatesMax = 10_000;

function accountKind<Kind extends Account>(
  name: string,
  view: z.ZodType,
  isOfKind: (account: Account) => account is Kind,
  sources: (
    call: WavefrontCall,
    narrowed: { readonly emailContains: string; readonly nameContains: string },
  ) => readonly NumberedSource<Kind>[],
  show: (call: WavefrontCall, accounts: readonly Kind[]) => Promise<readonly object[]>,
  otherFields: SearchFields<Found<Kind>> = {},
): SearchKind<Found<Kind>> {
  const candidates = async (call: WavefrontCall, conditions: readonly Condition[]) => {
    const exact = conditions.find(
      ({ field, method, negated }) => isIdentifier(field) && method === "EXACT" && !negated,
    );
    if (exact !== undefined) return (await findAccounts(call, exact.values)).accounts.filter(isOfKind);
    const all = { offset: 0, limit: candidatesMax };
    const { items, total } = await readWindow(sources(call, narrow(conditions)), all);
    if (total <= candidatesMax) return items;
    throw new WavefrontError(400, `More than ${candidatesMax} may match. Search by a part of the id, too.`);
  };
  return {
    name,
    view,
    fields: { ...accountFields, ...otherFields },
    async load(call, conditions, needed) {
      const accounts = await candidates(call, conditions);
      const held = needed.some((field) => Object.hasOwn(heldFields, field))
        ? await heldBy(call, accounts)
        : [];
      return accounts.map((account, index) => ({ account, held: held[index] }));
    },
    async window(call, window) {
      const found = await readWindow(sources(call, { emailContains: "", nameContains: "" }), window);
      return { items: found.items.map((account) => ({ account, held: undefined })), total: found.total };
    },
    show: (call, things) =>
      show(
        call,
        things.map(({ account }) => account),
      ),
  };
}

/** What services can look for themselves: never less than what matches. */
function narrow(conditions: readonly Condition[]) {
  const usable = conditions.find(
    ({ field, values, negated }) => isIdentifier(field) && values.length === 1 && !negated,
  );
  const [value = ""] = usable?.values ?? [];
  const name = value.replace(/^sa::/i, "");
  // What may be a part of «sa::» is a part of every address.
  const isOfPrefix = name.includes(":") || (name === value && "sa::".includes(value.toLowerCase()));
  return {
    emailContains: value.length > 254 ? "" : value,
    nameContains: isOfPrefix || name.length > 128 ? "" : name,
  };
}

const isPerson = (account: Account): account is PersonAccount => account.is !== "service";
const isService = (account: Account): account is ServiceAccount => account.is === "service";
const isAny = (account: Account): account is Account => isPerson(account) || isService(account);

export const accountSearch = accountKind<Account>(
  "account",
  accountView,
  isAny,
  (call, narrowed) => [...peopleSources(call, narrowed), serviceSource(call, narrowed)],
  showAccounts,
);

export const userSearch = accountKind<PersonAccount>(
  "user",
  foundUserView,
  isPerson,
  (call, narrowed) => peopleSources(call, narrowed),
  showFoundUsers,
);

export const serviceAccountSearch = accountKind<ServiceAccount>(
  "serviceaccount",
  serviceAccountView,
  isService,
  (call, narrowed) => [serviceSource(call, narrowed)],
  showServices,
  { description: ({ account }) => [account.serviceUser.description] },
);

export const userGroupSearch: SearchKind<Group> = {
  name: "usergroup",
  view: groupView,
  fields: {
    id: ({ groupId }) => [toUuid(groupId)],
    name: ({ displayName }) => [displayName],
    description: ({ description }) => [description],
    roles: ({ roleIds }) => roleIds.map(toUuid),
  },
  load: async ({ directory }) => [...(await directory.groups()).values()],
  show: showGroups,
};

export const roleSearch: SearchKind<Role> = {
  name: "role",
  view: fullRoleView,
  fields: {
    id: ({ roleId }) => [toUuid(roleId)],
    name: ({ displayName }) => [displayName],
    description: ({ description }) => [description],
    permissions: ({ permissionIds }) => toShownPermissions(permissionIds),
  },
  load: async ({ directory }) => [...(await directory.roles()).values()],
  // Clients read a role this way to compare who has it.
  show: (call, roles) => showFullRoles(call, roles, roles.length === 1 ? namesOfOne : 10),
};

interface FoundToken {
  readonly credential: Credential;
  readonly owner: Account | undefined;
}

export const tokenSearch: SearchKind<FoundToken> = {
  name: "token",
  view: customerTokenView,
  fields: {
    id: ({ credential }) => [toUuid(credential.credentialId)],
    name: ({ credential }) => [credential.description],
    account: ({ owner }) => (owner === undefined ? [] : [owner.identifier]),
  },
  async load(call) {
    const tokens = await readTokens(call, "");
    const owners = await accountsOf(
      call,
      tokens.map(({ ownerId }) => ownerId),
    );
    return tokens.map((credential) => ({ credential, owner: owners.get(credential.ownerId) }));
  },
  show: async (call, tokens) =>
    tokens.map(({ credential, owner }) => showCustomerToken(call, credential, owner)),
};
