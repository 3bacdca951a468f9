import type { Session } from "./session.ts";

/** A principal, and its account where the reference told. */
export interface PrincipalRef {
  readonly principalId: string;
  readonly accountId: string | undefined;
}

/** A service user's id or address as the service takes it: addresses are in lower case. */
export function serviceUserRef(text: string): string {
  return isAddress(text) ? text.toLowerCase() : text;
}

/** The principal that an id or a service user's address `sa::<name>` stands for; an id is taken as it is. */
export async function resolvePrincipal(session: Session, text: string): Promise<PrincipalRef> {
  if (!isAddress(text)) return { principalId: text, accountId: undefined };
  const { serviceUser } = await session.read((options) =>
    session.clients.serviceUsers.getServiceUser(
      { accountId: session.account, serviceUserId: serviceUserRef(text) },
      options,
    ),
  );
  return { principalId: serviceUser?.serviceUserId ?? "", accountId: serviceUser?.accountId };
}

function isAddress(text: string): boolean {
  return /^sa::/i.test(text);
}
