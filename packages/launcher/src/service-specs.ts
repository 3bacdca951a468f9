/** A service as the launcher sees it. Its folder is `services/<name>`. */
export interface ServiceSpec {
  /** Also its log; its database is `portcullis_<name>`. Ports are given out in the order of the list. */
  readonly name: string;
  readonly needsRedis: boolean;
  /** Seals secrets in its database: told the keys as `<NAME>_ENCRYPTION_KEYS`. */
  readonly sealsSecrets: boolean;
  /** Has a data plane: a second port, `dataPortOffset` above its first. */
  readonly hasDataPlane: boolean;
}

export const dataPortOffset = 10;

/** All services: a new one is an entry here. Each is told where all others are, as `<NAME>_URL`. */
export const serviceSpecs: readonly ServiceSpec[] = [
  { name: "identity", needsRedis: false, sealsSecrets: true, hasDataPlane: false },
  { name: "authorization", needsRedis: false, sealsSecrets: false, hasDataPlane: false },
  { name: "credential", needsRedis: true, sealsSecrets: false, hasDataPlane: true },
];
