import { z } from "zod";
import { NgrokError } from "./errors.ts";
import { parsePublicId, toPublicId } from "./ids.ts";
import type { NgrokCall } from "./operation.ts";

const emailLengthMax = 254;

const ownerText = z.string().max(320).nullish();

/** Who is to own a new credential; at most one of them. */
export const ownerFields = {
  owner_id: ownerText.describe("A user or service user, by id or a user's email. Default: the caller."),
  owner_email: ownerText.describe("A user, by email."),
};
export const scimOwnerField = {
  scim_user_id: ownerText.describe("A user, by SCIM id. None has one: there is no SCIM here yet."),
};

interface OwnerFields {
  readonly owner_id?: string | null | undefined;
  readonly owner_email?: string | null | undefined;
  readonly scim_user_id?: string | null | undefined;
}

/** Our id of the owner that a request names; empty for the caller. */
export async function ownerOf(call: NgrokCall, fields: OwnerFields): Promise<string> {
  const named = Object.entries(ownerFieldsOf(fields)).filter(([, value]) => value !== "");
  if (named.length > 1) {
    throw new NgrokError("ERR_NGROK_631", "Name the owner by one of owner_id, owner_email and scim_user_id.");
  }
  const [field, text = ""] = named[0] ?? [];
  switch (field) {
    case undefined:
      return "";
    case "owner_id":
      return text.includes("@") ? await byEmail(call, text) : byId(text);
    case "owner_email":
      return await byEmail(call, text);
    default:
      throw noOwner();
  }
}

function ownerFieldsOf({ owner_id, owner_email, scim_user_id }: OwnerFields) {
  return {
    owner_id: owner_id ?? "",
    owner_email: owner_email ?? "",
    scim_user_id: scim_user_id ?? "",
  };
}

function byId(text: string): string {
  const isUser = text.startsWith("usr_");
  const parsed = isUser
    ? parsePublicId(text, ["usr"], "user")
    : parsePublicId(text, ["bot", "service"], "svc");
  switch (parsed.is) {
    case "ours":
      return parsed.ownId;
    case "foreign":
      throw noOwner();
    case "malformed":
      throw new NgrokError(
        "ERR_NGROK_243",
        "owner_id must be an id that begins with usr_, bot_ or service_, or the email of a user.",
      );
  }
}

async function byEmail({ clients, options }: NgrokCall, email: string): Promise<string> {
  // Nobody has such an address, and identity takes none to look for.
  if (email === "" || email.length > emailLengthMax || email.includes("\0")) throw noOwner();
  const { memberships } = await clients.memberships.listMemberships(
    { filter: { email }, pageSize: 1 },
    options,
  );
  const [found] = memberships;
  if (found === undefined) throw noOwner();
  return found.principalId;
}

function noOwner(): NgrokError {
  return new NgrokError("ERR_NGROK_634", "No owner for the credential could be determined.");
}

/** The owner as this API names it. */
export function showOwner(principalId: string): string {
  return toPublicId(principalId.startsWith("svc_") ? "bot" : "usr", principalId);
}
