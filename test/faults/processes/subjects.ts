import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { newId } from "@portcullis/service";
import { newSshPublicKey } from "../../e2e/support/ssh-key.ts";
import type { CredentialClients } from "./clients.ts";

/** A service user whose access is taken and given back, and how it proves itself. */
export interface Subject {
  readonly id: string;
  readonly accountId: string;
  readonly token: string;
  readonly publicKey: string;
  /** Of the change that was asked for last; odd ones give access. */
  version: number;
}

/** Whoever may revoke credentials. */
export interface Admin {
  readonly accountId: string;
  readonly apiKey: string;
}

const callMs = 20_000;
const kind = PrincipalKind.SERVICE_USER;

/** The change to that version: odd ones give access, even ones take it. */
export function principalOf(subject: Pick<Subject, "id" | "accountId">, version: number) {
  const { id: principalId, accountId } = subject;
  const state = version % 2 === 1 ? PrincipalState.ACTIVE : PrincipalState.INACTIVE;
  return { accountId, principalId, kind, state, version: BigInt(version) };
}

export async function createSubject(clients: CredentialClients, accountId: string): Promise<Subject> {
  const id = newId("svc");
  const options = { timeoutMs: callMs };
  await clients.enforcement.applyPrincipal({ principal: principalOf({ id, accountId }, 1) }, options);
  const publicKey = newSshPublicKey();
  const owned = { accountId, ownerId: id };
  const { token } = await clients.creation.createAuthtoken(owned, options);
  await clients.creation.createSshKey({ ...owned, publicKey }, options);
  return { id, accountId, token, publicKey, version: 1 };
}

export async function createAdmin(clients: CredentialClients, accountId: string): Promise<Admin> {
  const id = newId("svc");
  const options = { timeoutMs: callMs };
  await clients.enforcement.applyPrincipal({ principal: principalOf({ id, accountId }, 1) }, options);
  const { token: apiKey } = await clients.creation.createApiKey({ accountId, ownerId: id }, options);
  return { accountId, apiKey };
}

/** A credential of its own, to be revoked once and for ever. */
export async function createVictim(clients: CredentialClients, owner: Subject) {
  const request = { accountId: owner.accountId, ownerId: owner.id };
  const { token, credential } = await clients.creation.createAuthtoken(request, { timeoutMs: callMs });
  return { token, credentialId: credential?.credentialId ?? "" };
}
