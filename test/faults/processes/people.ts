import { randomUUID } from "node:crypto";
import {
  BillingRole,
  DeveloperRole,
  TeamRole,
} from "@portcullis/contracts/portcullis/identity/v1/invitation_pb.ts";
import { type Clients, connectClients } from "../../e2e/support/connect-client.ts";
import type { Installation } from "../../e2e/support/installation.ts";
import { linkTokenFor } from "../../e2e/support/mail.ts";

const password = "correct horse battery staple";
const grants = { developer: DeveloperRole.READ_WRITE, team: TeamRole.READ_ONLY, billing: BillingRole.NONE };

/** Somebody who can sign in. */
export interface Person {
  readonly accountId: string;
  readonly principalId: string;
  readonly clients: Clients;
  /** A session, which is over when it is ended. */
  signIn(): Promise<{ readonly token: string; readonly accountId: string; readonly principalId: string }>;
}

async function entered(installation: Installation, email: string, account: string): Promise<Person> {
  const anyone = connectClients(installation, "none");
  const signIn = () => anyone.signIn.signIn({ email, password, account });
  const { token, accountId, principalId } = await signIn();
  return { accountId, principalId, clients: connectClients(installation, token), signIn };
}

const newAddress = () => `${randomUUID()}@example.com`;

/** Somebody with an account of their own. */
export async function signUp(installation: Installation): Promise<Person> {
  const anyone = connectClients(installation, "none");
  const email = newAddress();
  await anyone.users.signUp({ email, password, displayName: "Ann", accountDisplayName: "Ann's" });
  const token = await linkTokenFor(installation.mailFolder, email, "Verify your e-mail address");
  await anyone.users.verifyEmail({ token });
  return entered(installation, email, "");
}

/** A member of that person's account. */
export async function invite(installation: Installation, by: Person): Promise<Person> {
  const anyone = connectClients(installation, "none");
  const email = newAddress();
  await by.clients.invitations.createInvitations({ emails: [email], grants });
  const invitationToken = await linkTokenFor(installation.mailFolder, email, "You are invited to an account");
  await anyone.users.signUp({ email, password, displayName: "Bob", invitationToken });
  return entered(installation, email, by.accountId);
}
