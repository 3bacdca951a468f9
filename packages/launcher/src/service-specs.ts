/** A service as the launcher sees it. Its folder is `services/<name>`. */
export interface ServiceSpec {
  /** Also its log. Ports are given out in the order of the list. */
  readonly name: string;
  /** Called `portcullis_<name>`; then there is a `migrate.ts`, too. */
  readonly hasDatabase: boolean;
  readonly needsRedis: boolean;
}

/** All services: a new one is an entry here. Each is told where all others are, as `<NAME>_URL`. */
export const serviceSpecs: readonly ServiceSpec[] = [
  { name: "identity", hasDatabase: true, needsRedis: false },
  { name: "authorization", hasDatabase: true, needsRedis: false },
  { name: "credential", hasDatabase: true, needsRedis: true },
  { name: "gateway", hasDatabase: false, needsRedis: true },
];
