/** A user or service user, proven by an API key. */
export interface PrincipalCaller {
  readonly kind: "principal";
  readonly accountId: string;
  readonly principalId: string;
  readonly credentialId: string;
}

/** Another service of the installation, proven by a workload token. */
export interface WorkloadCaller {
  readonly kind: "workload";
  readonly name: string;
}

/** Who is calling, once proven. */
export type Caller = PrincipalCaller | WorkloadCaller;
