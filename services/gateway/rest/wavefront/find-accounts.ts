import { Code, ConnectError } from "@connectrpc/connect";
import type { Invitation } from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import type { Membership } from "@portcullis/contracts/portcullis/identity/v1/membership_pb.ts";
import type { ServiceUser } from "@portcullis/contracts/portcullis/identity/v1/service_user_pb.ts";
import { each } from "../common/each.ts";
import { notFound } from "./errors.ts";
import { pageSizeMax } from "./numbered-pages.ts";
import type { WavefrontCall } from "./operation.ts";

/** Whom this API calls an account: a member, somebody who was invited and has not come yet, or a service user. */
export type Account = PersonAccount | ServiceAccount;
export type PersonAccount =
  | { readonly is: "member"; readonly identifier: string; readonly membership: Membership }
  | { readonly is: "invited"; readonly identifier: string; readonly invitation: Invitation };
export interface ServiceAccount {
  readonly is: "service";
  readonly identifier: string;
  readonly serviceUser: ServiceUser;
}

export function memberAccount(membership: Membership): PersonAccount {
  return { is: "member", identifier: membership.email, membership };
}

export function invitedAccount(invitation: Invitation): PersonAccount {
  return { is: "invited", identifier: invitation.email, invitation };
}

export function serviceAccount(serviceUser: ServiceUser): ServiceAccount {
  return { is: "service", identifier: serviceUser.address, serviceUser };
}

/** The id that the account has as a principal; nobody who was only invited has one. */
export function principalIdOf(account: Account): string | undefined {
  switch (account.is) {
    case "member":
      return account.membership.principalId;
    case "service":
      return account.serviceUser.serviceUserId;
    case "invited":
      return undefined;
  }
}

const servicePrefix = /^sa::/i;

/** Whether the text can only be the name of a service account. */
export function isServiceIdentifier(text: string): boolean {
  return servicePrefix.test(text);
}

/** The account with this identifier, in any case. 404. */
export async function requireAccount(call: WavefrontCall, identifier: string): Promise<Account> {
  const found = await findAccount(call, identifier);
  if (found === undefined) throw notFound("account");
  return found;
}

export async function findAccount(call: WavefrontCall, identifier: string): Promise<Account | undefined> {
  return isServiceIdentifier(identifier)
    ? await findService(call, identifier)
    : await findPerson(call, identifier);
}

/** As requireAccount, of service accounts alone; `sa::` may be left out. */
export async function requireService(call: WavefrontCall, identifier: string): Promise<ServiceAccount> {
  const address = isServiceIdentifier(identifier) ? identifier : `sa::${identifier}`;
  const found = await findService(call, address);
  if (found === undefined) throw notFound("service account");
  return found;
}

/** As requireAccount, of people alone. */
export async function requirePerson(call: WavefrontCall, email: string): Promise<PersonAccount> {
  const found = await findPerson(call, email);
  if (found === undefined) throw notFound("user");
  return found;
}

export async function findPerson(call: WavefrontCall, email: string): Promise<PersonAccount | undefined> {
  // An address has an @; an empty one would be no condition at all.
  if (!email.includes("@") || email.length > 254 || email.includes("\0")) return undefined;
  const { clients, options } = call;
  const request = { pageSize: 1, filter: { email } };
  const { memberships } = await clients.memberships.listMemberships(request, options);
  if (memberships[0] !== undefined) return memberAccount(memberships[0]);
  const { invitations } = await clients.invitations.listInvitations(request, options);
  return invitations[0] === undefined ? undefined : invitedAccount(invitations[0]);
}

async function findService(call: WavefrontCall, address: string): Promise<ServiceAccount | undefined> {
  const { clients, options } = call;
  // Longer than any is; the service would answer with a rule about the length of ids.
  if (address.length > 132) return undefined;
  try {
    const found = await clients.serviceUsers.getServiceUser({ serviceUserId: address }, options);
    return found.serviceUser === undefined ? undefined : serviceAccount(found.serviceUser);
  } catch (error) {
    if (error instanceof ConnectError && error.code === Code.NotFound) return undefined;
    throw error;
  }
}

/** Those of the identifiers that are there, and those that are not; each once. */
export async function findAccounts(
  call: WavefrontCall,
  identifiers: readonly string[],
): Promise<{ readonly accounts: readonly Account[]; readonly unknown: readonly string[] }> {
  const wanted = [...new Set(identifiers)];
  const found = await each(wanted, (identifier) => findAccount(call, identifier));
  return {
    accounts: found.filter((account) => account !== undefined),
    unknown: wanted.filter((_, index) => found[index] === undefined),
  };
}

/** The identifiers of principals, by their ids; of those that are there. */
export async function identifiersOf(
  call: WavefrontCall,
  principalIds: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const accounts = await accountsOf(call, principalIds);
  return new Map([...accounts].map(([id, { identifier }]) => [id, identifier]));
}

/** The accounts of principals, by their ids; of those that are there. */
export async function accountsOf(
  { clients, options }: WavefrontCall,
  principalIds: Iterable<string>,
): Promise<ReadonlyMap<string, Account>> {
  const ids = [...new Set(principalIds)];
  const services = batchesOf(ids.filter((id) => id.startsWith("svc_")));
  const people = batchesOf(ids.filter((id) => !id.startsWith("svc_")));
  const [foundServices, foundPeople] = await Promise.all([
    each(services, async (serviceUserIds) => {
      const request = { pageSize: pageSizeMax, filter: { serviceUserIds: [...serviceUserIds] } };
      return (await clients.serviceUsers.listServiceUsers(request, options)).serviceUsers;
    }),
    each(people, async (memberIds) => {
      const request = { pageSize: pageSizeMax, filter: { principalIds: [...memberIds] } };
      return (await clients.memberships.listMemberships(request, options)).memberships;
    }),
  ]);
  return new Map<string, Account>([
    ...foundServices.flat().map((user) => [user.serviceUserId, serviceAccount(user)] as const),
    ...foundPeople.flat().map((member) => [member.principalId, memberAccount(member)] as const),
  ]);
}

/** In lists of what one request may name. */
export function batchesOf<Item>(items: readonly Item[], size = pageSizeMax): readonly (readonly Item[])[] {
  const batches: (readonly Item[])[] = [];
  for (let start = 0; start < items.length; start += size) batches.push(items.slice(start, start + size));
  return batches;
}
