declare module "vitest" {
  interface ProvidedContext {
    /** The superuser's URL of the run's Postgres; absent without the global setup. */
    portcullisPostgresUrl: string | undefined;
  }
}

/** Under which the global setup provides it. */
export const postgresUrlKey = "portcullisPostgresUrl";
