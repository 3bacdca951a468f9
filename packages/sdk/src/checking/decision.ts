/** Who is asked about. A user is a different principal in each account. */
export interface Subject {
  readonly accountId: string;
  /** The user or service user. */
  readonly principalId: string;
}

/** What is asked: a permission, access to an object, or both, and then both are needed. */
export interface CheckQuestion {
  /** E.g. `identity.users.read`. One that is not in the catalogue is held by nobody. */
  readonly permission?: string | undefined;
  readonly object?: ObjectQuestion | undefined;
  /** In which account; absent: the subject's own. Only super administrators hold anything in another. */
  readonly accountId?: string | undefined;
}

/** An object, and what is to be done with it. */
export interface ObjectQuestion {
  readonly type: string;
  readonly id: string;
  readonly action: "view" | "modify";
}

export type DecisionReason =
  | "super_admin"
  | "role"
  | "service_user_policy"
  | "direct_permission"
  | "object_access"
  | "not_granted"
  | "subject_unknown"
  | "subject_inactive"
  | "object_not_accessible"
  | "token_refused"
  | "account_suspended"
  /** Of a newer release. */
  | "unrecognized";

/** May it? */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: DecisionReason;
  /** The version of the subject that the answer rests on; 0 for an unknown one. */
  readonly subjectVersion: number;
  /** The revision that the answer rests on. */
  readonly evaluatedRevision: number;
}
