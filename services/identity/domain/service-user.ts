import { DomainError } from "@portcullis/errors";
import type { AccountId, ServiceUserId } from "./ids.ts";
import type { Principal } from "./principal.ts";

/** A program of an account. */
export interface ServiceUser {
  readonly accountId: AccountId;
  readonly id: ServiceUserId;
  readonly name: string;
  readonly description: string;
  readonly state: ServiceUserState;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Grows with each change; the version that enforcers are told. */
  readonly version: number;
}

/** While locked, what it will be once unlocked lies underneath. */
export type ServiceUserState =
  | { readonly is: "active" | "inactive" | "deleted" }
  | { readonly is: "locked"; readonly underneath: "active" | "inactive" };

/** One step of a service user's life; the same state where there is nothing to do. */
export type Transition = (state: ServiceUserState) => ServiceUserState;

/** The name without regard to case: what must be unique in an account. */
export function nameKeyOf(name: string): string {
  return name.normalize("NFC").toLowerCase();
}

/** Stands for the id in requests. */
export function addressOf(serviceUser: ServiceUser): string {
  return `sa::${nameKeyOf(serviceUser.name)}`;
}

/** What was locked by an operator stays so: SERVICE_USER_LOCKED. */
export const activate: Transition = (state) => {
  switch (state.is) {
    case "inactive":
      return { is: "active" };
    case "locked":
      throw new DomainError(
        "SERVICE_USER_LOCKED",
        "An operator of the installation has locked this service user; only an operator can unlock it.",
      );
    case "active":
    case "deleted":
      return state;
  }
};

/** A locked one stays locked, and will be inactive once unlocked. */
export const deactivate: Transition = (state) => {
  switch (state.is) {
    case "active":
      return { is: "inactive" };
    case "locked":
      return state.underneath === "inactive" ? state : { is: "locked", underneath: "inactive" };
    case "inactive":
    case "deleted":
      return state;
  }
};

export const lock: Transition = (state) => {
  switch (state.is) {
    case "active":
    case "inactive":
      return { is: "locked", underneath: state.is };
    case "locked":
    case "deleted":
      return state;
  }
};

export const unlock: Transition = (state) => (state.is === "locked" ? { is: state.underneath } : state);

/** Final. */
export const remove: Transition = () => ({ is: "deleted" });

export function principalOf(serviceUser: ServiceUser): Principal {
  return {
    accountId: serviceUser.accountId,
    principalId: serviceUser.id,
    kind: "service_user",
    state: serviceUser.state.is,
    version: serviceUser.version,
    superAdmin: false,
  };
}

/** The same object if it is in that state already. */
export function withState(serviceUser: ServiceUser, state: ServiceUserState): ServiceUser {
  return state === serviceUser.state ? serviceUser : { ...serviceUser, state };
}
