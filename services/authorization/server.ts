import type { Clock as MachineClock, Replica, Timing } from "@portcullis/coherence";
import type { SettledTransactions } from "@portcullis/coherence/postgres";
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
import type { FactsFinder, TokenProver } from "./domain/decision-ports.ts";
import type { Clock } from "./domain/ports.ts";
import { createLocalAuthorizer } from "./local-authorizer.ts";
import { registerRoutes, services } from "./rpc/routes.ts";
import { startEmptying } from "./store/account-emptying.ts";
import { createStores } from "./store/create-stores.ts";
import type { AuthorizationSchema } from "./store/schema.ts";

/** What workload tokens for this service are made out to. */
export const serviceName = "authorization";

export interface AuthorizationServerDeps {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Migrated. Stays open when the server closes. */
  readonly database: Database<AuthorizationSchema>;
  /** What is remembered, and how changes reach who else remembers. Stays open when the server closes. */
  readonly memory: {
    readonly facts: FactsFinder;
    readonly settled: SettledTransactions<AuthorizationSchema>;
    readonly coherence: { readonly replica: Replica; readonly clock: MachineClock; readonly timing: Timing };
  };
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
  const { now, tokens, receipts } = deps;
  const { db } = deps.database;
  const { facts, settled, coherence } = deps.memory;
  const stores = createStores(db, settled, { newId, now });
  const server = await startServer({
    host: deps.host,
    port: deps.port,
    services,
    routes: (router) => registerRoutes(router, { ...stores, facts, coherence, tokens, receipts, now, newId }),
    security: {
      serviceName,
      workloadKey: deps.workloadKey,
      apiKeys: deps.apiKeys,
      authorizer: createLocalAuthorizer({ facts }),
      callTimeoutMs: deps.callTimeoutMs,
    },
    receipts,
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
