import { DomainError } from "@portcullis/errors";
import type { Credential, Locator } from "../domain/credential.ts";
import { type HeldCredential, hold } from "../domain/held-credential.ts";
import type { Mutation, Outcome } from "../domain/mutation.ts";
import type {
  AuditEvent,
  CredentialStore,
  Finding,
  PlanFeatures,
  PresentedCredentials,
  PrincipalStore,
  PrincipalTx,
  Tx,
  UnitOfWork,
} from "../domain/ports.ts";
import { type Principal, type PrincipalRef, principalKindOf } from "../domain/principal.ts";

interface State {
  readonly credentials: Map<string, Credential>;
  readonly principals: Map<string, Principal>;
  readonly requests: Map<string, { readonly digest: string; readonly resourceId: string }>;
  readonly audits: AuditEvent[];
}

/** The stores' promises kept in memory, one transaction after the other. */
export interface Memory {
  readonly credentials: CredentialStore;
  /** Nothing of it is known without asking. */
  readonly presented: PresentedCredentials;
  readonly unitOfWork: UnitOfWork;
  readonly principals: PrincipalStore;
  /** Every account has everything. */
  readonly plans: PlanFeatures;
  /** How it is now. */
  readonly state: State;
  put(...items: readonly (Credential | Principal)[]): void;
}

const keyOf = (ref: PrincipalRef) => `${ref.accountId}/${ref.principalId}`;

export function createMemory(): Memory {
  const state: State = { credentials: new Map(), principals: new Map(), requests: new Map(), audits: [] };
  return {
    state,
    put(...items) {
      for (const item of items) {
        if ("principalId" in item) state.principals.set(keyOf(item), item);
        else state.credentials.set(item.id, item);
      }
    },
    credentials: createCredentials(state),
    presented: createPresented(state),
    unitOfWork: {
      once: (mutation, work) => once(state, mutation, work),
    },
    plans: { allowsAcls: async () => true },
    principals: {
      change: async (work) => ({ value: await work(principalTx(state)), effect: undefined }),
    },
  };
}

function createCredentials(state: State): CredentialStore {
  const all = () => [...state.credentials.values()];
  return {
    async find(accountId, id) {
      const found = state.credentials.get(id);
      return found?.accountId === accountId ? found : undefined;
    },
    async list(accountId) {
      return { items: all().filter((credential) => credential.accountId === accountId), nextToken: "" };
    },
    async countWorking() {
      return [];
    },
  };
}

function createPresented(state: State): PresentedCredentials {
  const basis = { generation: "1", revision: 1, staleMsMax: 0 };
  const findingOf = (locator: Locator): Finding => {
    const credential = [...state.credentials.values()].find((one) => one.locator === locator);
    return { held: credential && held(state, credential), basis, scopes: [] };
  };
  return {
    recollect: () => undefined,
    async find(locators) {
      return new Map(locators.map((locator) => [locator, findingOf(locator)]));
    },
    async findAnew(locator) {
      return findingOf(locator);
    },
    async noteUses(sessions, now) {
      for (const { id } of sessions) {
        const credential = state.credentials.get(id);
        if (credential?.proof.kind !== "session") continue;
        const session = { ...credential.proof.session, lastUsedAt: now };
        state.credentials.set(id, { ...credential, proof: { ...credential.proof, session } });
      }
    },
  };
}

function held(state: State, credential: Credential): HeldCredential {
  const ref = { accountId: credential.accountId, principalId: credential.ownerId };
  const unknown = { kind: principalKindOf(credential.ownerId), state: "inactive", version: 0 } as const;
  return hold(credential, "active", state.principals.get(keyOf(ref)) ?? unknown);
}

async function once<T>(
  state: State,
  mutation: Mutation,
  work: (tx: Tx) => Promise<{ readonly resourceId: string; readonly value: T }>,
): Promise<Outcome<T>> {
  const digest = Buffer.from(mutation.requestDigest).toString("hex");
  const earlier = mutation.requestId === undefined ? undefined : state.requests.get(mutation.requestId);
  if (earlier !== undefined) {
    if (earlier.digest !== digest) throw new DomainError("REQUEST_ID_REUSED", "reused");
    return { repeated: true, resourceId: earlier.resourceId, effect: undefined };
  }
  const undo = new Map(state.credentials);
  try {
    const { resourceId, value } = await work(createTx(state));
    if (mutation.requestId !== undefined) state.requests.set(mutation.requestId, { digest, resourceId });
    return { repeated: false, value, effect: undefined };
  } catch (error) {
    state.credentials.clear();
    for (const [id, credential] of undo) state.credentials.set(id, credential);
    throw error;
  }
}

/** Accounts end in Postgres only. */
const holdAccount = async () => "active" as const;

function createTx(state: State): Tx {
  return {
    holdAccount,
    async holdPrincipal(ref) {
      return state.principals.get(keyOf(ref));
    },
    async lockCredential(accountId, id) {
      const found = state.credentials.get(id);
      return found?.accountId === accountId ? found : undefined;
    },
    async insertCredential(credential) {
      if ([...state.credentials.values()].some(({ locator }) => locator === credential.locator)) {
        throw new DomainError("SSH_KEY_TAKEN", "taken");
      }
      state.credentials.set(credential.id, credential);
    },
    async updateCredential(credential) {
      state.credentials.set(credential.id, credential);
    },
    async deleteCredential({ id }) {
      state.credentials.delete(id);
    },
    async deleteSessions() {
      throw new Error("sessions end in Postgres only");
    },
    async audit(event) {
      state.audits.push(event);
    },
  };
}

function principalTx(state: State): PrincipalTx {
  return {
    holdAccount,
    async supersede(principal) {
      const known = state.principals.get(keyOf(principal));
      const isRevival = known?.state === "deleted" && principal.state !== "deleted";
      if (known !== undefined && (isRevival || known.version >= principal.version)) {
        return { isApplied: false, inForce: known };
      }
      state.principals.set(keyOf(principal), principal);
      return { isApplied: true, inForce: principal };
    },
    async deleteCredentialsOf(ref) {
      for (const [id, { accountId, ownerId }] of state.credentials) {
        if (accountId === ref.accountId && ownerId === ref.principalId) state.credentials.delete(id);
      }
    },
  };
}
