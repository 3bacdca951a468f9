import { decodeBase32, encodeBase32 } from "../common/type-id.ts";

/** What stands before the underscore of our ids of what this API names by a UUID. */
export type OwnPrefix = "role" | "grp" | "cred";

/** Our id of the group that everybody is in. */
export const everyoneId = "grp_everyone";

/** Built-in roles, whose ids have no UUID. Their order is part of their public ids: it only grows. */
const builtInRoleIds = [
  "administrator",
  "developer_read_write",
  "developer_read_only",
  "team_manager",
  "team_invite_only",
  "team_read_only",
  "billing_access",
  "billing_none",
];

export function isBuiltInRole(roleId: string): boolean {
  return builtInRoleIds.includes(roleId);
}

/** UUIDs of the time 0, which no id of ours has: for what has a name instead of an id. */
const reserved = (number: number) => `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
const uuidOfName = new Map([
  [everyoneId, reserved(0xe)],
  ...builtInRoleIds.map((name, index) => [name, reserved(0x100 + index)] as const),
]);
const nameOfUuid = new Map([...uuidOfName].map(([name, uuid]) => [uuid, name]));

const uuidForm = /^([0-9a-f]{8})-([0-9a-f]{4})-4([0-9a-f]{3})-([89ab][0-9a-f]{3})-([0-9a-f]{12})$/;

/**
 * The id of the same thing as clients know it: the UUIDv7 that is in our id, written as one of version 4, which their
 * validators ask for. Nothing but the digit of the version differs, so it can be turned back without a table.
 */
export function toUuid(ownId: string): string {
  const named = uuidOfName.get(ownId);
  if (named !== undefined) return named;
  const bytes = decodeBase32(ownId.slice(ownId.indexOf("_") + 1));
  if (bytes === undefined) throw new Error("an id that is no TypeID");
  const hex = Buffer.from(bytes).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Our id of what a client names; undefined for what can't be one of ours. */
export function fromUuid(prefix: OwnPrefix, text: string): string | undefined {
  const uuid = text.toLowerCase();
  const named = nameOfUuid.get(uuid);
  if (named !== undefined) {
    const isGroup = named === everyoneId;
    return isGroup === (prefix === "grp") && prefix !== "cred" ? named : undefined;
  }
  const parts = uuidForm.exec(uuid);
  if (parts === null) return undefined;
  const [, time = "", low = "", rest = "", variant = "", node = ""] = parts;
  return `${prefix}_${encodeBase32(Buffer.from(`${time}${low}7${rest}${variant}${node}`, "hex"))}`;
}
