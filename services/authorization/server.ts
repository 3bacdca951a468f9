import type { Clock as MachineClock, Replica, Timing } from "@portcullis/coherence";
import type { SettledTransactions } from "@portcullis/coherence/postgres";
import { type Database, startRequestCleanup } from "@portcullis/postgres";
import {
  type ApiKeyAuthenticator,
  newId,
  type ReceiptBook,
  type RunningServer,
  type ServerOptions,
  startServer,
  type Tls,
  type WorkloadKey,
} from "@portcullis/service";
import { startDataPlane } from "@portcullis/service/data-plane";
import type { FactsFinder, TokenProver } from "./domain/decision-ports.ts";
import type { Clock } from "./domain/ports.ts";
import { createLocalAuthorizer } from "./local-authorizer.ts";
import { dataMethods } from "./rpc/data-plane/methods.ts";
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
  /** Of the data plane; 0 takes a free one. Undefined: there is none. */
  readonly dataPort?: number | undefined;
  /** Absent: connections are not encrypted. */
  readonly tls?: Tls | undefined;
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
  readonly metrics: ServerOptions["metrics"];
  readonly now: Clock;
}

export interface RunningAuthorizationServer extends RunningServer {
  /** The data plane's, if there is one. */
  readonly dataPort: number | undefined;
}

/** Serves the authorization service's RPCs; what runs beside them ends with `close`. */
export async function startAuthorizationServer(
  deps: AuthorizationServerDeps,
): Promise<RunningAuthorizationServer> {
  const { host, port, dataPort, tls, log, now, tokens, receipts } = deps;
  const { db } = deps.database;
  const { facts, settled, coherence } = deps.memory;
  const stores = createStores(db, settled, { newId, now });
  const common = {
    host,
    tls,
    security: {
      serviceName,
      workloadKey: deps.workloadKey,
      apiKeys: deps.apiKeys,
      authorizer: createLocalAuthorizer({ facts }),
      callTimeoutMs: deps.callTimeoutMs,
    },
    log,
    metrics: deps.metrics,
    probe: (signal: AbortSignal) => deps.database.ping(signal),
  };
  const methods = dataMethods({ facts, tokens, coherence });
  const control = await startServer({
    ...common,
    dataMethods: methods,
    port,
    services,
    routes: (router) => registerRoutes(router, { ...stores, facts, coherence, tokens, receipts, now, newId }),
    receipts,
  });
  const data =
    dataPort === undefined
      ? undefined
      : await startDataPlane({
          ...common,
          port: dataPort,
          methods,
        }).catch(async (error: unknown) => {
          await control.close(0);
          throw error;
        });
  const cleanup = startRequestCleanup(db, (error) => {
    log.warn({ err: error }, "forgetting old request ids failed; it is tried again in an hour");
  });
  const emptying = startEmptying(db, (error) => {
    log.warn({ err: error }, "emptying deleted accounts failed; it is tried again");
  });
  return {
    port: control.port,
    dataPort: data?.port,
    async close(graceMs) {
      const served = [control.close(graceMs), data?.close(graceMs)];
      await Promise.all([...served, cleanup.stop(), emptying.stop()]);
    },
  };
}
