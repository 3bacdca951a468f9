import { z } from "zod";

/** The shapes of answers (contracts/wavefront.md §4.2). What may be missing is left out, never null. */

const uuid = z.uuidv4();
const ms = z.int().describe("Milliseconds since 1970.");
const permissions = z.array(z.string());
const customer = z.string().describe("The account's id.");
const identifier = z.string().describe("An e-mail address, or `sa::` and the name of a service account.");

const lock = z.boolean();
const groupProperties = z.strictObject({ nameEditable: lock, usersEditable: lock, rolesEditable: lock });

const roleView = z.strictObject({
  id: uuid,
  name: z.string(),
  description: z.string().optional(),
  permissions,
  customer,
  createdEpochMillis: ms.optional(),
  lastUpdatedMs: ms.optional(),
  properties: z.strictObject({
    nameEditable: lock,
    usersAddable: lock,
    usersRemovable: lock,
    permsEditable: lock,
    deletable: lock,
  }),
});

const groupFields = {
  id: uuid,
  name: z.string(),
  description: z.string().optional(),
  customer,
  createdEpochMillis: ms.optional(),
  properties: groupProperties,
};

/** A group as a part of something else. */
const groupPartView = z.strictObject({ ...groupFields, roleCount: z.int() });

export const groupView = z.strictObject({
  ...groupFields,
  users: z.array(identifier).optional(),
  userCount: z.int(),
  roles: z.array(roleView),
  roleCount: z.int(),
});

export const fullRoleView = z.strictObject({
  ...roleView.shape,
  linkedAccountsCount: z.int(),
  linkedGroupsCount: z.int(),
  sampleLinkedAccounts: z.array(identifier),
  sampleLinkedGroups: z.array(groupPartView),
});

export const accountView = z.strictObject({
  identifier,
  groups: permissions.describe("Permissions that were given directly."),
  userGroups: z.array(uuid),
  roles: z.array(uuid).describe("Roles that were assigned directly."),
  unitedPermissions: permissions,
  unitedRoles: z.array(uuid),
});

export const userView = z.strictObject({
  identifier,
  customer,
  groups: permissions,
  userGroups: z.array(groupPartView),
  roles: z.array(roleView),
  lastSuccessfulLogin: ms.optional(),
});

const accountType = z.enum(["USER_ACCOUNT", "SERVICE_ACCOUNT", "INACTIVE_SERVICE_ACCOUNT"]);

export const tokenView = z.strictObject({
  tokenID: z.string().describe("A UUID; in the answer to its creation the token itself."),
  tokenName: z.string().optional(),
  account: identifier.optional(),
  accountType: accountType.optional(),
  dateGenerated: ms.optional(),
  lastUsed: ms.optional(),
});

export const customerTokenView = z.strictObject({
  id: uuid,
  name: z.string().optional(),
  account: identifier.optional(),
  accountType: accountType.optional(),
  customer,
  createdEpochMillis: ms.optional(),
  dateGenerated: ms.optional(),
  lastUsed: ms.optional(),
});

export const serviceAccountView = z.strictObject({
  identifier,
  active: z.boolean(),
  description: z.string().optional(),
  tokens: z.array(tokenView),
  groups: permissions,
  userGroups: z.array(groupPartView),
  roles: z.array(roleView),
  lastUsed: ms.optional(),
  unitedPermissions: permissions,
  unitedRoles: z.array(uuid),
});

/** A person as search shows it. */
export const foundUserView = z.strictObject({
  id: identifier,
  identifier,
  customer,
  self: z.boolean(),
  lastSuccessfulLogin: ms.optional(),
  escapedIdentifier: z.string(),
  groups: permissions,
  userGroups: z.array(uuid),
  roles: z.array(uuid),
  unitedPermissions: permissions,
  unitedRoles: z.array(uuid),
});

export type RoleView = z.output<typeof roleView>;
export type FullRoleView = z.output<typeof fullRoleView>;
export type GroupPartView = z.output<typeof groupPartView>;
export type GroupView = z.output<typeof groupView>;
export type AccountView = z.output<typeof accountView>;
export type UserView = z.output<typeof userView>;
export type TokenView = z.output<typeof tokenView>;
export type CustomerTokenView = z.output<typeof customerTokenView>;
export type ServiceAccountView = z.output<typeof serviceAccountView>;
export type FoundUserView = z.output<typeof foundUserView>;

/** A page of a list that is paged by numbers. */
export function pageView(item: z.ZodType) {
  return z.strictObject({
    items: z.array(item),
    offset: z.int(),
    limit: z.int(),
    totalItems: z.int(),
    moreItems: z.boolean(),
  });
}

export interface PageView<Item> {
  readonly items: readonly Item[];
  readonly offset: number;
  readonly limit: number;
  readonly totalItems: number;
  readonly moreItems: boolean;
}
