import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MethodImpl } from "@connectrpc/connect";
import type { InvitationService } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { openCallOf } from "@portcullis/service";
import { previewInvitation as preview } from "../domain/preview-invitation.ts";
import type { IdentityDeps } from "./deps.ts";

export function previewInvitation(
  deps: IdentityDeps,
): MethodImpl<typeof InvitationService.method.previewInvitation> {
  return async (request, context) => {
    const { signal } = openCallOf(context);
    const { invitation, account } = await preview(deps, request.token, signal);
    return {
      accountDisplayName: account.displayName,
      email: invitation.email,
      expireTime: timestampFromDate(invitation.expiresAt),
    };
  };
}
