import type { Membership } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import { CliError } from "../errors.ts";
import type { Session } from "./session.ts";

/** How a command's help names what `resolvePrincipal` takes. */
export const principalForms = "user_..., svc_..., an e-mail address or sa::<name>";
/** How a command's help names what `resolveMember` takes. */
export const memberForms = "user_... or an e-mail address";

/** A principal, and its account where the reference told. */
export interface PrincipalRef {
  readonly principalId: string;
  readonly accountId: string | undefined;
}

/** A service user's id or address as the service takes it: addresses are in lower case. */
export function serviceUserRef(text: string): string {
  return isAddress(text) ? text.toLowerCase() : text;
}

/**
 * The principal that an id, a member's e-mail address or a service user's address `sa::<name>` stands for; an id is
 * taken as it is.
 */
export async function resolvePrincipal(session: Session, text: string): Promise<PrincipalRef> {
  if (isEmail(text)) return memberOf(session, text);
  if (!isAddress(text)) return { principalId: text, accountId: undefined };
  const { serviceUser } = await session.read((options) =>
    session.clients.serviceUsers.getServiceUser(
      { accountId: session.account, serviceUserId: serviceUserRef(text) },
      options,
    ),
  );
  return { principalId: serviceUser?.serviceUserId ?? "", accountId: serviceUser?.accountId };
}

/** The ids of several, in their order. */
export async function resolvePrincipals(session: Session, texts: readonly string[]): Promise<string[]> {
  const ids = [];
  for (const text of texts) ids.push((await resolvePrincipal(session, text)).principalId);
  return ids;
}

/** As `resolvePrincipals`, of users, service users and groups; `everyone` is the group that all are in. */
export async function resolveHolders(session: Session, texts: readonly string[]): Promise<string[]> {
  return resolvePrincipals(
    session,
    texts.map((text) => (text === "everyone" ? "grp_everyone" : text)),
  );
}

/** The principal id of a member, by id or e-mail address; an id is taken as it is. */
export async function resolveMember(session: Session, text: string): Promise<string> {
  return isEmail(text) ? (await memberOf(session, text)).principalId : text;
}

/** The id of the person behind a member of the account, by e-mail address; an id of a person is taken as it is. */
export async function resolveUser(session: Session, text: string): Promise<string> {
  return isEmail(text) ? (await memberOf(session, text)).userId : text;
}

async function memberOf(session: Session, email: string): Promise<Membership> {
  const { memberships } = await session.read((options) =>
    session.clients.memberships.listMemberships(
      { accountId: session.account, filter: { email }, pageSize: 2 },
      options,
    ),
  );
  const [member] = memberships;
  if (member !== undefined && memberships.length === 1) return member;
  throw new CliError(
    "not_found",
    `No member of the account has the address ${email}.`,
    "`portcullis member list --all` shows the members; --account names another account.",
    "PRINCIPAL_NOT_FOUND",
  );
}

/** An address of a service user is one even if its name looks like an e-mail address. */
function isEmail(text: string): boolean {
  return text.includes("@") && !isAddress(text);
}

function isAddress(text: string): boolean {
  return /^sa::/i.test(text);
}
