/** What to do next after an error with this reason; empty where the message says it. */
export function hintFor(
  reason: string,
  call: { readonly apiKeySource: string; readonly requestId: string },
): string {
  switch (reason) {
    case "CREDENTIALS_MISSING":
    case "CREDENTIALS_INVALID":
    case "CREDENTIALS_EXPIRED":
    case "CREDENTIALS_REVOKED":
    case "CREDENTIALS_OWNER_INACTIVE":
    case "CREDENTIALS_IP_NOT_ALLOWED":
      return `The API key of ${call.apiKeySource} is not accepted here. An administrator makes another with \`portcullis credential create-api-key\`.`;
    case "ACCOUNT_SUSPENDED":
    case "CREDENTIALS_ACCOUNT_SUSPENDED":
      return "An operator of the installation restores it with `portcullis account restore`.";
    case "CREDENTIALS_WRONG_KIND":
      return `Put an API key (pcak_...) into ${call.apiKeySource}: other tokens are not for calling the services.`;
    case "PERMISSION_DENIED":
      return "Ask an administrator of the account for a role that has it; `portcullis role list` shows them.";
    case "ADMINISTRATOR_REQUIRED":
      return "`portcullis role holders administrator` shows who can do it.";
    case "GRANT_ABOVE_OWN_LEVEL":
      return "Nobody gives more than they have: `portcullis role holders administrator` shows who can.";
    case "PRINCIPAL_NOT_FOUND":
      return "`portcullis member list --all` and `portcullis service-user list --all` show who there is.";
    case "USER_NOT_FOUND":
      return "It is for people: sign in with `portcullis person sign-in`; `portcullis member list --all` shows members.";
    case "ACCOUNT_NOT_FOUND":
      return "Look at --account, or leave it out for the API key's own account.";
    case "SERVICE_USER_NOT_FOUND":
      return "`portcullis service-user list --all` shows those that there are.";
    case "CREDENTIAL_NOT_FOUND":
      return "`portcullis credential list --all` shows those that there are.";
    case "SESSION_NOT_FOUND":
      return "`portcullis session list --all` shows those that there are.";
    case "INVITATION_NOT_FOUND":
      return "`portcullis invitation list --all` shows those that there are.";
    case "GROUP_NOT_FOUND":
      return "`portcullis group list --all` shows those that there are.";
    case "PERMISSION_NOT_FOUND":
      return "`portcullis permission list` shows those that there are.";
    case "OBJECT_NOT_FOUND":
      return "Its backend makes it known with `portcullis object register`; who it is open to, `portcullis object access` tells.";
    case "OBJECT_TYPE_NOT_FOUND":
      return "A backend registers its types with `portcullis permission register`.";
    case "ROLE_NOT_FOUND":
      return "`portcullis role list` shows those that there are.";
    case "ROLE_BINDING_NOT_FOUND":
    case "LAST_ADMINISTRATOR":
      return "`portcullis role-binding list --all` shows who holds which.";
    case "LAST_SUPER_ADMIN":
      return "Make another one first: `portcullis super-admin add`.";
    case "SERVICE_USER_ROLES_FIXED":
      return "`portcullis policy update --service-users scoped` lets service users be given roles and permissions.";
    case "ROLE_IN_USE":
      return "`portcullis role holders` shows who holds it; --force takes it from them.";
    case "GROUP_IN_USE":
      return "`portcullis group members` shows who is in it; --force deletes it all the same.";
    case "INVITE_NEEDS_DEVELOPER":
      return "Give --developer read-write with it.";
    case "SEAT_LIMIT_REACHED":
    case "PLAN_LIMIT_REACHED":
    case "PLAN_FEATURE_MISSING":
      return "An operator of the installation puts the account on another plan with `portcullis account assign-plan`.";
    case "SESSION_REQUIRED":
      return "Sign in with `portcullis person sign-in` and put the session's token into PORTCULLIS_API_KEY.";
    case "EMAIL_NOT_VERIFIED":
      return "Another mail was sent: give the token of its link to `portcullis person verify-email`.";
    case "SECOND_FACTOR_REQUIRED":
      return "Add --code, and the code of the app as the second line.";
    case "SECOND_FACTOR_ENROLMENT_REQUIRED":
      return "Make one with `portcullis person enrol-second-factor`.";
    case "LINK_INVALID":
      return "Give what stands behind token= in the newest mail's link; it works once, and for a short time.";
    case "SERVICE_USER_LOCKED":
      return "An operator of the installation takes the lock away with `portcullis service-user unlock`.";
    case "CREDENTIAL_REVOKED":
      return "Create another credential in its place.";
    case "ETAG_MISMATCH":
      return "It has changed since it was read: get it again and look, then use its new etag.";
    case "REQUEST_ID_REUSED":
      return "Repeat exactly the same command, or leave --request-id out to make another change.";
    case "CONCURRENT_CHANGE":
    case "DEPENDENCY_UNAVAILABLE":
    case "SHUTTING_DOWN":
      return "Try again in a moment.";
    case "DEADLINE_EXCEEDED":
      return "Give it longer with --timeout.";
    case "INTERNAL":
      return `The service's log tells more under the request id ${call.requestId}.`;
    default:
      return "";
  }
}
