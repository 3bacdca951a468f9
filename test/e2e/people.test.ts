import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { VerificationResult as Result } from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import {
  BillingRole,
  DeveloperRole,
  type InvitationGrantsSchema,
  TeamRole,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Clients, connectClients, reasonFrom } from "./support/connect-client.ts";
import { type Installation, startInstallation } from "./support/installation.ts";
import { linkTokenFor } from "./support/mail.ts";
import { credentialsPart, statementOf } from "./support/receipt.ts";

const invitationSubject = "You are invited to an account";
const password = "correct horse battery staple";

let installation: Installation;
let root: Clients;
/** Who has not signed in: sends a bearer that methods for anyone do not look at. */
let anyone: Clients;
beforeAll(async () => {
  installation = await startInstallation();
  root = connectClients(installation, installation.apiKey);
  anyone = connectClients(installation, "none");
});
afterAll(() => installation[Symbol.asyncDispose]());

const newAddress = (name: string) => `${name}-${randomUUID()}@example.com`;
type Grants = MessageInitShape<typeof InvitationGrantsSchema>;

const developer = {
  developer: DeveloperRole.READ_WRITE,
  team: TeamRole.READ_ONLY,
  billing: BillingRole.NONE,
} satisfies Grants;

interface Person {
  readonly email: string;
  readonly accountId: string;
  readonly principalId: string;
  readonly sessionToken: string;
  readonly clients: Clients;
}

async function signIn(email: string, account = ""): Promise<Person> {
  const { token, accountId, principalId } = await anyone.signIn.signIn({ email, password, account });
  return { email, accountId, principalId, sessionToken: token, clients: connectClients(installation, token) };
}

/** Somebody with an account of their own. */
async function signUp(name: string): Promise<Person> {
  const email = newAddress(name);
  await anyone.users.signUp({ email, password, displayName: name, accountDisplayName: `${name}'s` });
  const token = await linkTokenFor(installation.mailFolder, email, "Verify your e-mail address");
  await anyone.users.verifyEmail({ token });
  return signIn(email);
}

/** Somebody new, from invitation to sign-in. */
async function invite(by: Person, name: string, grants: Grants): Promise<Person> {
  const email = newAddress(name);
  await by.clients.invitations.createInvitations({ emails: [email], grants });
  const invitationToken = await linkTokenFor(installation.mailFolder, email, invitationSubject);
  await anyone.users.signUp({ email, password, displayName: name, invitationToken });
  return signIn(email, by.accountId);
}

async function verify(token: string): Promise<Result | undefined> {
  return (await root.verify[1]?.verifyToken({ token }))?.verification?.result;
}

test("who signs up is the administrator of an account of their own, as soon as the address is verified", async () => {
  const email = newAddress("ann");
  await anyone.users.signUp({ email, password, displayName: "Ann", accountDisplayName: "Ann's" });
  expect(await reasonFrom(anyone.signIn.signIn({ email, password }))).toBe("EMAIL_NOT_VERIFIED");
  const token = await linkTokenFor(installation.mailFolder, email, "Verify your e-mail address");
  await anyone.users.verifyEmail({ token });
  expect(await reasonFrom(anyone.signIn.signIn({ email, password: "not the password" }))).toBe(
    "SIGN_IN_REFUSED",
  );
  const ann = await signIn(email);
  expect((await ann.clients.accounts.getAccount({})).account?.displayName).toBe("Ann's");
  expect(await reasonFrom(ann.clients.serviceUsers.createServiceUser({ name: "bot" }))).toBe("ok");
  expect(await reasonFrom(ann.clients.accounts.getAccount({ accountId: installation.accountId }))).toBe(
    "ACCOUNT_NOT_FOUND",
  );
});

test("from an invitation in the mail to the first action, with what it gave and no more", async () => {
  const ann = await signUp("ann");
  const { role } = await ann.clients.roles.createRole({
    displayName: "Readers of policy",
    permissionIds: ["authorization.policy.read"],
  });
  const { group } = await ann.clients.groups.createGroup({ displayName: "Builders" });
  const bob = await invite(ann, "bob", {
    ...developer,
    roleIds: [role?.roleId ?? ""],
    groupIds: [group?.groupId ?? ""],
    permissionIds: ["alerts_management"],
  });
  expect(bob.accountId).toBe(ann.accountId);
  expect(await reasonFrom(bob.clients.credentials.createAuthtoken({}))).toBe("ok");
  expect(await reasonFrom(bob.clients.serviceUsers.createServiceUser({ name: "x" }))).toBe(
    "PERMISSION_DENIED",
  );
  const subject = { accountId: bob.accountId, principalId: bob.principalId };
  const held = async (permissionId: string) => (await root.checks.check({ subject, permissionId })).allowed;
  expect(await Promise.all(["alerts_management", "dashboard_management"].map(held))).toEqual([true, false]);
  const { principalIds } = await ann.clients.groups.listGroupMembers({ groupId: group?.groupId ?? "" });
  expect(principalIds).toEqual([bob.principalId]);
});

test("a removed member's session, API key and authtoken are all refused once the call has returned; who comes back begins anew", async () => {
  const ann = await signUp("ann");
  const bob = await invite(ann, "bob", developer);
  const { token: apiKey } = await bob.clients.credentials.createApiKey({});
  const { token: authtoken } = await bob.clients.credentials.createAuthtoken({});
  const proofs = [bob.sessionToken, apiKey, authtoken];
  expect(await Promise.all(proofs.map(verify))).toEqual(proofs.map(() => Result.VALID));

  const removal = await ann.clients.members.removeMembership({ principalId: bob.principalId });
  expect((await statementOf(installation, removal)).targetId).toBe(bob.principalId);
  expect(await Promise.all(proofs.map(verify))).toEqual(proofs.map(() => Result.UNKNOWN));
  expect(await reasonFrom(bob.clients.accounts.getAccount({}))).toBe("CREDENTIALS_INVALID");
  expect(await reasonFrom(signIn(bob.email))).toBe("NO_ACTIVE_MEMBERSHIP");

  const earlier = await linkTokenFor(installation.mailFolder, bob.email, invitationSubject);
  await ann.clients.invitations.createInvitations({ emails: [bob.email], grants: developer });
  const invitationToken = await linkTokenFor(installation.mailFolder, bob.email, invitationSubject, earlier);
  const carol = await signUp("carol");
  const stolen = carol.clients.invitations.acceptInvitation({ token: invitationToken });
  expect(await reasonFrom(stolen)).toBe("INVITATION_EMAIL_MISMATCH");
  const again = await anyone.signIn.signIn({ email: bob.email, password, invitationToken });
  expect(again.accountId).toBe(ann.accountId);
  expect(again.principalId).not.toBe(bob.principalId);
  expect(await verify(again.token)).toBe(Result.VALID);
  expect(await Promise.all(proofs.map(verify))).toEqual(proofs.map(() => Result.UNKNOWN));
});

test("a disabled member is refused everywhere and restored with everything", async () => {
  const ann = await signUp("ann");
  const bob = await invite(ann, "bob", developer);
  const { token } = await bob.clients.credentials.createAuthtoken({});
  await ann.clients.members.disableMembership({ principalId: bob.principalId });
  expect(await verify(token)).toBe(Result.OWNER_INACTIVE);
  expect(await reasonFrom(bob.clients.accounts.getAccount({}))).toBe("CREDENTIALS_OWNER_INACTIVE");
  await ann.clients.members.enableMembership({ principalId: bob.principalId });
  expect(await verify(token)).toBe(Result.VALID);
  expect(await reasonFrom(bob.clients.accounts.getAccount({}))).toBe("ok");
});

test("the last administrator can't go, and of two who remove each other one stays", async () => {
  const ann = await signUp("ann");
  expect(await reasonFrom(ann.clients.members.leaveAccount({}))).toBe("LAST_ADMINISTRATOR");
  const carol = await invite(ann, "carol", { ...developer, administrator: true });
  const outcomes = await Promise.all([
    reasonFrom(ann.clients.members.removeMembership({ principalId: carol.principalId })),
    reasonFrom(carol.clients.members.removeMembership({ principalId: ann.principalId })),
  ]);
  expect(outcomes.filter((outcome) => outcome === "ok")).toHaveLength(1);
  const left = outcomes[0] === "ok" ? ann : carol;
  expect(await reasonFrom(left.clients.serviceUsers.createServiceUser({ name: "still here" }))).toBe("ok");
  expect(await reasonFrom(left.clients.members.leaveAccount({}))).toBe("LAST_ADMINISTRATOR");
});

test("a team manager invites and removes within their level, and touches no administrator", async () => {
  const ann = await signUp("ann");
  const manager = await invite(ann, "mia", { ...developer, team: TeamRole.MANAGER });
  const bob = await invite(manager, "bob", developer);
  const as = (grants: Grants) =>
    reasonFrom(manager.clients.invitations.createInvitations({ emails: [newAddress("x")], grants }));
  expect(await as({ ...developer, billing: BillingRole.ACCESS })).toBe("GRANT_ABOVE_OWN_LEVEL");
  expect(await as({ ...developer, administrator: true })).toBe("ADMINISTRATOR_REQUIRED");
  const { removeMembership } = manager.clients.members;
  expect(await reasonFrom(removeMembership({ principalId: ann.principalId }))).toBe("ADMINISTRATOR_REQUIRED");
  expect(await reasonFrom(removeMembership({ principalId: bob.principalId }))).toBe("ok");
  expect(await reasonFrom(bob.clients.members.listMemberships({}))).toBe("CREDENTIALS_INVALID");
});

test("signing out ends the session; a new password ends all others", async () => {
  const ann = await signUp("ann");
  const [first, second] = [await signIn(ann.email), await signIn(ann.email)];
  const left = await statementOf(installation, await first.clients.signIn.signOut({}));
  expect(left).toMatchObject({ operation: "user.sign_out", accountId: "" });
  expect(credentialsPart(left).verifiers.length).toBeGreaterThanOrEqual(2);
  expect(await verify(first.sessionToken)).not.toBe(Result.VALID);
  await second.clients.users.changePassword({ currentPassword: password, newPassword: `${password}!` });
  expect(await verify(second.sessionToken)).toBe(Result.VALID);
  expect(await verify(ann.sessionToken)).not.toBe(Result.VALID);
});

test("an administrator signs a member out of the account, a super administrator signs anybody out of all", async () => {
  const ann = await signUp("ann");
  const bob = await invite(ann, "bob", developer);
  const endAll = (clients: Clients) =>
    reasonFrom(clients.sessions.endAllSessions({ accountId: ann.accountId, ownerId: bob.principalId }));
  expect(await endAll(bob.clients)).toBe("PERMISSION_DENIED");
  expect(await endAll(ann.clients)).toBe("ok");
  expect(await verify(bob.sessionToken)).not.toBe(Result.VALID);
  const { userId } = await anyone.signIn.signIn({ email: ann.email, password });
  expect(await reasonFrom(root.sessions.endUserSessions({ userId }))).toBe("ok");
  expect(await verify(ann.sessionToken)).not.toBe(Result.VALID);
});

test("a deleted account takes every credential in it along, and its people live on", async () => {
  const ann = await signUp("ann");
  const bob = await invite(ann, "bob", developer);
  const { serviceUser } = await ann.clients.serviceUsers.createServiceUser({ name: "bot" });
  const { token: botToken } = await ann.clients.credentials.createAuthtoken({
    ownerId: serviceUser?.serviceUserId ?? "",
  });
  const { token: bobToken } = await bob.clients.credentials.createAuthtoken({});
  const proofs = [ann.sessionToken, bob.sessionToken, botToken, bobToken];
  expect(await reasonFrom(bob.clients.accounts.deleteAccount({}))).toBe("PERMISSION_DENIED");
  await ann.clients.accounts.deleteAccount({});
  expect(await Promise.all(proofs.map(verify))).toEqual(proofs.map(() => Result.UNKNOWN));
  expect(await reasonFrom(root.accounts.getAccount({ accountId: ann.accountId }))).toBe("ACCOUNT_NOT_FOUND");
  expect(await reasonFrom(signIn(ann.email))).toBe("NO_ACTIVE_MEMBERSHIP");
  const carol = await signUp("carol");
  const earlier = await linkTokenFor(installation.mailFolder, bob.email, invitationSubject);
  await carol.clients.invitations.createInvitations({ emails: [bob.email], grants: developer });
  const invitationToken = await linkTokenFor(installation.mailFolder, bob.email, invitationSubject, earlier);
  const again = await anyone.signIn.signIn({ email: bob.email, password, invitationToken });
  expect(again.accountId).toBe(carol.accountId);
});
