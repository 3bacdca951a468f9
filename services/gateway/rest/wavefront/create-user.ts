import {
  InvitationState,
  InvitationResult as Result,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { z } from "zod";
import { knownGroupIds, knownRoleIds, requireGrantable, setHoldings } from "./change-accounts.ts";
import { WavefrontError } from "./errors.ts";
import { idList, permissionList, text } from "./fields.ts";
import { findPerson, type PersonAccount } from "./find-accounts.ts";
import { newMemberRoleIds, toGrants } from "./holdings.ts";
import type { WavefrontCall } from "./operation.ts";
import { toOwnPermissions } from "./permissions.ts";

export const grantFields = { groups: permissionList, userGroups: idList, roles: idList };

/** Somebody new, or to be changed. */
export const newUser = z.object({ emailAddress: text, ...grantFields });

type UserFields = Pick<z.output<typeof newUser>, "groups" | "userGroups" | "roles">;

export async function updatePerson(
  call: WavefrontCall,
  person: PersonAccount,
  fields: UserFields,
): Promise<void> {
  const [roleIds, groupIds] = await Promise.all([
    knownRoleIds(call, fields.roles),
    knownGroupIds(call, fields.userGroups),
  ]);
  await setHoldings(call, person, { permissions: fields.groups, roleIds, groupIds });
}

/** The address. Whom an invitation is asked for must not be a member yet; one that was sent before is sent again. */
export async function createOrUpdate(
  call: WavefrontCall,
  body: z.output<typeof newUser>,
  isInvitation: boolean,
): Promise<string> {
  const { clients, options } = call;
  const email = body.emailAddress?.trim() ?? "";
  if (email === "") throw new WavefrontError(400, "emailAddress: must be set");
  const present = await findPerson(call, email);
  if (present === undefined) {
    await invite(call, email, body);
    return email;
  }
  if (isInvitation && present.is === "member") throw isThere(email);
  await updatePerson(call, present, body);
  if (present.is === "invited") {
    const { invitationId, state } = present.invitation;
    const isExpired = state === InvitationState.EXPIRED;
    if (isInvitation || isExpired) await clients.invitations.resendInvitation({ invitationId }, options);
  }
  return email;
}

async function invite(call: WavefrontCall, email: string, fields: UserFields): Promise<void> {
  const { clients, options, directory } = call;
  const [roleIds = [], groupIds = []] = await Promise.all([
    knownRoleIds(call, fields.roles),
    knownGroupIds(call, fields.userGroups),
  ]);
  const permissionIds = toOwnPermissions(fields.groups ?? []);
  await requireGrantable(call, permissionIds);
  const { outcomes } = await clients.invitations.createInvitations(
    {
      emails: [email],
      grants: toGrants({ permissionIds, roleIds, groupIds, memberRoleIds: newMemberRoleIds }),
    },
    options,
  );
  directory.forget();
  switch (outcomes[0]?.result) {
    case Result.CREATED:
      return;
    case Result.INVALID_ADDRESS:
      throw new WavefrontError(400, "emailAddress: must be an e-mail address");
    case Result.ALREADY_MEMBER:
    case Result.ALREADY_INVITED:
      throw isThere(email);
    case Result.NO_SEAT:
      throw new WavefrontError(403, "The account's plan has no seat left.", { code: "SEAT_LIMIT_REACHED" });
    case Result.UNSPECIFIED:
    case undefined:
      throw new Error("an invitation without an outcome");
  }
}

function isThere(email: string): WavefrontError {
  return new WavefrontError(409, `User with id ${email} is already created in our system.`);
}
