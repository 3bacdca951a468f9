/** A user or service user, proven by an API key or a session. */
export interface PrincipalCaller {
  readonly kind: "principal";
  readonly accountId: string;
  readonly principalId: string;
  readonly credentialId: string;
  /** Absent where the credential is an API key. */
  readonly session?: CallerSession;
}

/** Which sign-in of whom a session is part of. */
export interface CallerSession {
  readonly groupId: string;
  /** The person, who is another principal in each account. */
  readonly userId: string;
}

/** Another service of the installation, proven by a workload token. */
export interface WorkloadCaller {
  readonly kind: "workload";
  readonly name: string;
}

/** Who is calling, once proven. */
export type Caller = PrincipalCaller | WorkloadCaller;
