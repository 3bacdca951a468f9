import type { FactsOrUnknown, FactsQuestion } from "../domain/decide.ts";
import type { SubjectStore } from "../domain/decision-ports.ts";
import type { Holdings } from "../domain/holdings.ts";
import type { PrincipalRef } from "../domain/ids.ts";
import type { AuditEvent, Mutation } from "../domain/mutation.ts";
import type { UnitOfWork } from "../domain/ports.ts";
import type { Principal } from "../domain/principal.ts";
import type { PrincipalTx, RoleBindingStore } from "../domain/principal-ports.ts";
import type { RoleAspect } from "../domain/role.ts";
import type { RoleBinding } from "../domain/role-binding.ts";

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

/** The ports in memory; one transaction at a time, and one that fails leaves nothing behind. */
export class InMemoryStore implements SubjectStore, UnitOfWork<PrincipalTx> {
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

  async find(ref: PrincipalRef): Promise<Holdings | undefined> {
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
      revision: 0,
    };
  }

  facts(questions: readonly FactsQuestion[]): Promise<readonly FactsOrUnknown[]> {
    return Promise.all(
      questions.map(async ({ subject, permission }) => {
        const holdings = await this.find(subject);
        if (holdings === undefined) return { principal: undefined, revision: 0 };
        const none = { registered: false, direct: false, byCustomRole: false };
        const held = permission === undefined ? undefined : { permissionId: permission, ...none };
        const access = "unknown_object" as const;
        return { ...holdings, assignedRoleIds: [], permission: held, typePermission: undefined, access };
      }),
    );
  }

  async explain() {
    return unsupported();
  }

  run<T>(_actor: unknown, work: (tx: PrincipalTx) => Promise<T>): Promise<T> {
    return this.#exclusively(async (state) => work(txOn(state)));
  }

  once<T>(mutation: Mutation, work: (tx: PrincipalTx) => Promise<{ resourceId: string; value: T }>) {
    return this.#exclusively(async (state) => {
      const earlier = mutation.requestId === undefined ? undefined : state.requests.get(mutation.requestId);
      if (earlier !== undefined) return { repeated: true, resourceId: earlier } as const;
      const { resourceId, value } = await work(txOn(state));
      if (mutation.requestId !== undefined) {
        state.requests = new Map([...state.requests, [mutation.requestId, resourceId]]);
      }
      return { repeated: false, value } as const;
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
