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
    case "ACCOUNT_NOT_FOUND":
      return "Look at --account, or leave it out for the API key's own account.";
    case "SERVICE_USER_NOT_FOUND":
      return "`portcullis service-user list --all` shows those that there are.";
    case "CREDENTIAL_NOT_FOUND":
      return "`portcullis credential list --all` shows those that there are.";
    case "ROLE_NOT_FOUND":
      return "`portcullis role list` shows those that there are.";
    case "ROLE_BINDING_NOT_FOUND":
    case "LAST_ADMINISTRATOR":
      return "`portcullis role-binding list --all` shows who holds which.";
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
