import { type Database, startRequestCleanup } from "@portcullis/postgres";
import {
  type ApiKeyAuthenticator,
  createMetrics,
  newId,
  type ReceiptBook,
  type RunningServer,
  type ServerOptions,
  startServer,
  type WorkloadKey,
} from "@portcullis/service";
import type { TokenProver } from "./domain/decision-ports.ts";
import type { Clock } from "./domain/ports.ts";
import { createLocalAuthorizer } from "./local-authorizer.ts";
import { registerRoutes, services } from "./rpc/routes.ts";
import { startEmptying } from "./store/account-emptying.ts";
import { createPostgresAccess } from "./store/postgres-access.ts";
import { createPostgresCatalog } from "./store/postgres-catalog.ts";
import { createPostgresDependents } from "./store/postgres-dependents.ts";
import { createPostgresGroups } from "./store/postgres-groups.ts";
import { createPostgresObjects } from "./store/postgres-objects.ts";
import { createPostgresPolicies } from "./store/postgres-policies.ts";
import { createPostgresRoleBindings } from "./store/postgres-role-bindings.ts";
import { createPostgresRoles } from "./store/postgres-roles.ts";
import { createPostgresSubjects } from "./store/postgres-subjects.ts";
import { createPostgresUnitOfWork } from "./store/postgres-unit-of-work.ts";
import type { AuthorizationSchema } from "./store/schema.ts";

/** What workload tokens for this service are made out to. */
export const serviceName = "authorization";

export interface AuthorizationServerDeps {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Migrated. Stays open when the server closes. */
  readonly database: Database<AuthorizationSchema>;
  readonly apiKeys: ApiKeyAuthenticator;
  readonly tokens: TokenProver;
  readonly workloadKey: WorkloadKey;
  readonly receipts: ReceiptBook;
  readonly callTimeoutMs: number;
  readonly log: ServerOptions["log"];
  readonly now: Clock;
}

/** Serves the authorization service's RPCs; what runs beside them ends with `close`. */
export async function startAuthorizationServer(deps: AuthorizationServerDeps): Promise<RunningServer> {
  const { now } = deps;
  const { db } = deps.database;
  const subjects = createPostgresSubjects(db);
  const roleBindings = createPostgresRoleBindings(db);
  const work = createPostgresUnitOfWork({ db, newId, now });
  const routeDeps = {
    access: createPostgresAccess(db),
    subjects,
    tokens: deps.tokens,
    dependents: createPostgresDependents(db),
    roleBindings,
    catalog: createPostgresCatalog(db),
    roles: createPostgresRoles(db),
    groups: createPostgresGroups(db),
    policies: createPostgresPolicies(db),
    objects: createPostgresObjects(db),
    work,
    receipts: deps.receipts,
    now,
    newId,
  };
  const server = await startServer({
    host: deps.host,
    port: deps.port,
    services,
    routes: (router) => registerRoutes(router, routeDeps),
    security: {
      serviceName,
      workloadKey: deps.workloadKey,
      apiKeys: deps.apiKeys,
      authorizer: createLocalAuthorizer({ subjects }),
      callTimeoutMs: deps.callTimeoutMs,
    },
    receipts: deps.receipts,
    log: deps.log,
    metrics: createMetrics(serviceName),
    probe: (signal) => deps.database.ping(signal),
  });
  const cleanup = startRequestCleanup(db, (error) => {
    deps.log.warn({ err: error }, "forgetting old request ids failed; it is tried again in an hour");
  });
  const emptying = startEmptying(db, (error) => {
    deps.log.warn({ err: error }, "emptying deleted accounts failed; it is tried again");
  });
  return {
    port: server.port,
    async close(graceMs) {
      await Promise.all([server.close(graceMs), cleanup.stop(), emptying.stop()]);
    },
  };
}
