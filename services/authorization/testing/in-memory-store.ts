import type { FactsQuestion } from "../domain/decide.ts";
import type { FactsFinder, Findings, SubjectStore } from "../domain/decision-ports.ts";
import type { Holdings } from "../domain/holdings.ts";
import type { PrincipalRef } from "../domain/ids.ts";
import type { AuditEvent, Mutation } from "../domain/mutation.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import type { Principal } from "../domain/principal.ts";
import type { PrincipalTx, RoleBindingStore } from "../domain/principal-ports.ts";
import type { RoleAspect } from "../domain/role.ts";
import type { RoleBinding } from "../domain/role-binding.ts";
import { wayOf } from "../domain/way.ts";

interface Held {
  readonly binding: RoleBinding;
  readonly aspect: RoleAspect;
}

class State {
  principals: readonly Principal[] = [];
  held: readonly Held[] = [];
  requests: ReadonlyMap<string, string> = new Map();
  events: readonly AuditEvent[] = [];
}

/** There is no log. */
const revision = 0;
const effect = undefined;

/** The ports in memory; one transaction at a time, and one that fails leaves nothing behind. */
export class InMemoryStore implements UnitOfWork<PrincipalTx> {
  #state = new State();
  #last: Promise<unknown> = Promise.resolve();

  readonly roleBindings: RoleBindingStore = {
    find: async (ref, roleId) => this.#bindingsOf(ref).find((binding) => binding.roleId === roleId),
    list: async (accountId, principalId) => ({
      items: this.#state.held
        .map(({ binding }) => binding)
        .filter((binding) => binding.accountId === accountId)
        .filter((binding) => principalId === undefined || binding.principalId === principalId),
      nextToken: "",
    }),
  };

  get events(): readonly AuditEvent[] {
    return this.#state.events;
  }

  readonly subjects: SubjectStore = {
    find: async (ref) => ({ holdings: this.holdingsOf(ref), revision }),
    findMany: async () => unsupported(),
    explain: async () => unsupported(),
  };

  /** Never knows without waiting. */
  readonly facts: FactsFinder = {
    recall: () => undefined,
    find: async (questions) => this.#findings(questions),
  };

  holdingsOf(ref: PrincipalRef): Holdings | undefined {
    const principal = this.#state.principals.find(is(ref));
    if (principal === undefined) return undefined;
    return {
      accountState: "active",
      principal,
      serviceUserPolicy: "developer",
      boundRoleIds: this.#bindingsOf(ref).map(({ roleId }) => roleId),
      directPermissionIds: [],
      assigned: [],
      customRoles: new Map(),
      registered: new Set(),
    };
  }

  #findings(questions: readonly FactsQuestion[]): Findings {
    const found = questions.map(({ subject, permission = "" }) => {
      const holdings = this.holdingsOf(subject);
      if (holdings === undefined) return { facts: undefined, dependsOn: [] };
      const held = { permissionId: permission, registered: false, direct: false, byCustomRole: false };
      const membership = { ...holdings, kind: holdings.principal.kind, assignedRoleIds: [] };
      const needed = { ...held, way: wayOf(membership, held) };
      const access = "unknown_object" as const;
      const facts = { ...holdings, permission: needed, typePermission: undefined, access };
      return { facts, dependsOn: [] };
    });
    return { found, basis: { generation: "1", revision, staleMsMax: 0 } };
  }

  async run<T>(_actor: unknown, work: (tx: PrincipalTx) => Promise<T>) {
    const value = await this.#exclusively(async (state) => work(txOn(state)));
    return { value, effect: undefined };
  }

  look<T>(work: (tx: PrincipalTx) => Promise<T>): Promise<T> {
    return this.#exclusively(async (state) => work(txOn(state)));
  }

  once<T>(mutation: Mutation, work: (tx: PrincipalTx) => Promise<{ resourceId: string; value: T }>) {
    return this.#exclusively(async (state) => {
      const earlier = mutation.requestId === undefined ? undefined : state.requests.get(mutation.requestId);
      if (earlier !== undefined) return { repeated: true, resourceId: earlier, effect } as const;
      const { resourceId, value } = await work(txOn(state));
      if (mutation.requestId !== undefined) {
        state.requests = new Map([...state.requests, [mutation.requestId, resourceId]]);
      }
      return { repeated: false, value, effect } as const;
    });
  }

  #bindingsOf(ref: PrincipalRef): readonly RoleBinding[] {
    return this.#state.held.map(({ binding }) => binding).filter(is(ref));
  }

  #exclusively<T>(work: (state: State) => Promise<T>): Promise<T> {
    const result = this.#last.then(async () => {
      const copy = Object.assign(new State(), this.#state);
      const value = await work(copy);
      this.#state = copy;
      return value;
    });
    this.#last = result.catch(() => {});
    return result;
  }
}

function txOn(state: State): PrincipalTx {
  const replace = (principal: Principal) => {
    state.principals = [...state.principals.filter((known) => !is(principal)(known)), principal];
  };
  const remove = (isRemoved: (held: Held) => boolean) => {
    const removed = state.held.filter(isRemoved);
    state.held = state.held.filter((held) => !isRemoved(held));
    return removed.map(({ binding }) => binding.roleId);
  };
  return {
    // Accounts are tested with Postgres.
    holdAccount: async () => "active",
    async addOrLockPrincipal(principal) {
      const known = state.principals.find(is(principal));
      if (known === undefined) replace(principal);
      return known;
    },
    updatePrincipal: async (principal) => replace(principal),
    lockPrincipal: async (ref) => state.principals.find(is(ref)),
    lockActiveAdministrators: async (accountId) =>
      state.principals
        .filter((principal) => principal.accountId === accountId && principal.state === "active")
        .filter((principal) =>
          state.held.some(({ binding }) => is(principal)(binding) && binding.roleId === "administrator"),
        )
        .map(({ principalId }) => principalId),
    activeAdministrators: async () => unsupported(),
    lockWithAdministrators: async () => unsupported(),
    holdMember: async () => unsupported(),
    holdingsOf: async () => unsupported(),
    findRoleBinding: async (ref, aspect) =>
      state.held.find((held) => is(ref)(held.binding) && held.aspect === aspect)?.binding,
    async putRoleBinding(binding, aspect) {
      remove((held) => is(binding)(held.binding) && held.aspect === aspect);
      state.held = [...state.held, { binding, aspect }];
    },
    deleteRoleBinding: async (ref, roleId) =>
      remove(({ binding }) => is(ref)(binding) && binding.roleId === roleId).length > 0,
    deleteRoleBindings: async (ref) => remove(({ binding }) => is(ref)(binding)).toSorted(),
    // This store knows bindings only.
    giveDefaults: async () => {},
    deleteHoldings: async () => {},
    async audit(event) {
      state.events = [...state.events, event];
    },
  };
}

function is({ accountId, principalId }: PrincipalRef): (other: PrincipalRef) => boolean {
  return (other) => other.accountId === accountId && other.principalId === principalId;
}

/** This store knows principals and bindings only; the rest is tested with Postgres. */
function unsupported(): never {
  throw new Error("not in this store");
}
