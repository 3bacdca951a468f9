import type { DescService } from "@bufbuild/protobuf";
import { type Client, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { RoleBindingService } from "@portcullis/contracts/portcullis/authorization/v1/role_binding_pb.ts";
import { PrincipalKind, PrincipalState } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import { PrincipalEnforcementService } from "@portcullis/contracts/portcullis/enforcement/v1/principal_enforcement_pb.ts";
import { DomainError } from "@portcullis/errors";
import {
  createLogger,
  createMetrics,
  createWorkloadTokenSource,
  reasonOf,
  type Tls,
} from "@portcullis/service";
import { testReceiptKeys } from "@portcullis/service/testing";
import { parsePrincipalRef } from "../domain/ids.ts";
import { createReceipts } from "../receipts.ts";
import { startAuthorizationServer } from "../server.ts";
import { openTestDatabase } from "./database.ts";

/** What the service knows others by. */
export const workloadKey = new Uint8Array(32).fill(7);

/** What identity tells; an active user at version 1 unless said otherwise. */
export interface Told {
  readonly service?: boolean;
  readonly state?: PrincipalState;
  readonly version?: bigint;
  readonly superAdmin?: boolean;
}

/** The service on a free port with a database of its own. An API key is the account and principal it belongs to. */
export async function serve({ tls }: { readonly tls?: Tls } = {}) {
  const opened = await openTestDatabase();
  const server = await startAuthorizationServer({
    host: "127.0.0.1",
    port: 0,
    dataPort: 0,
    tls,
    database: opened.database,
    memory: opened.memory,
    apiKeys: {
      async authenticate(apiKey) {
        const [accountId, principalId] = apiKey.split("/");
        if (accountId === undefined || principalId === undefined) {
          throw new DomainError("CREDENTIALS_INVALID", "The API key is not valid.");
        }
        return { kind: "principal", accountId, principalId, credentialId: "cred_1" };
      },
    },
    // A token, too, is the account and principal it belongs to; any other is not good.
    tokens: {
      async prove(token) {
        const [accountId = "", principalId = ""] = token.split("/");
        return parsePrincipalRef(accountId, principalId);
      },
    },
    workloadKey,
    receipts: createReceipts(testReceiptKeys, opened.database.db, createLogger("authorization", "silent")),
    callTimeoutMs: 30_000,
    log: createLogger("authorization", "silent"),
    metrics: createMetrics("authorization"),
    now: () => new Date(),
  });
  const baseUrl = `http://127.0.0.1:${server.port}`;
  const transports = new Map<string, Transport>();
  /** A client over gRPC that sends a workload's token, or an API key, which has a slash. */
  const as = <Service extends DescService>(service: Service, who: string): Client<Service> => {
    const transport = transports.get(who) ?? createGrpcTransport({ baseUrl, interceptors: [bearer(who)] });
    transports.set(who, transport);
    return createClient(service, transport);
  };
  return {
    db: opened.database.db,
    port: server.port,
    dataPort: server.dataPort ?? 0,
    as,
    tell(accountId: string, principalId: string, told: Told = {}) {
      const kind = told.service ? PrincipalKind.SERVICE_USER : PrincipalKind.USER;
      const { state = PrincipalState.ACTIVE, version = 1n, superAdmin = false } = told;
      const principal = { accountId, principalId, kind, state, version, superAdmin };
      return as(PrincipalEnforcementService, "identity").applyPrincipal({ principal });
    },
    bind: (accountId: string, principalId: string, roleId: string) =>
      as(RoleBindingService, "operator").createRoleBinding({ accountId, principalId, roleId }),
    async stop() {
      await server.close(0);
      await opened.end();
    },
  };
}

/** A service that is being served. */
export type Serving = Awaited<ReturnType<typeof serve>>;

/** Why a call was refused. */
export async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  return call.then(
    () => "the call was not refused",
    (error: unknown) => reasonOf(error),
  );
}

function bearer(who: string): Interceptor {
  const token = who.includes("/")
    ? async () => who
    : createWorkloadTokenSource(workloadKey, who, "authorization");
  return (next) => async (request) => {
    request.header.set("authorization", `Bearer ${await token()}`);
    return next(request);
  };
}
