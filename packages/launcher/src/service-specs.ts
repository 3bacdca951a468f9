/** A service as the launcher sees it. Its folder is `services/<name>`. */
export interface ServiceSpec {
  /** Also its log. Ports are given out in the order of the list. */
  readonly name: string;
  /** Called `portcullis_<name>`; then there is a `migrate.ts`, too. */
  readonly hasDatabase: boolean;
  readonly needsRedis: boolean;
  /** Seals secrets in its database: told the keys as `<NAME>_ENCRYPTION_KEYS`. */
  readonly sealsSecrets: boolean;
  /** Has a data plane: a second port, `dataPortOffset` above its first. */
  readonly hasDataPlane: boolean;
}

export const dataPortOffset = 10;

/** All services: a new one is an entry here. Each is told where all others are, as `<NAME>_URL`. */
export const serviceSpecs: readonly ServiceSpec[] = [
  { name: "identity", hasDatabase: true, needsRedis: false, sealsSecrets: true, hasDataPlane: false },
  { name: "authorization", hasDatabase: true, needsRedis: true, sealsSecrets: false, hasDataPlane: true },
  { name: "credential", hasDatabase: true, needsRedis: true, sealsSecrets: false, hasDataPlane: true },
  { name: "gateway", hasDatabase: false, needsRedis: true, sealsSecrets: false, hasDataPlane: false },
];
