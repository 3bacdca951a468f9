import { create, toBinary } from "@bufbuild/protobuf";
import {
  AccountService,
  GetAccountRequestSchema,
  GetAccountResponseSchema,
} from "@portcullis/contracts/portcullis/identity/v1/account_pb.ts";
import { DomainError } from "@portcullis/errors";
import { pino } from "pino";
import { callOf } from "../call.ts";
import { readText } from "../data-plane/bytes.ts";
import { parseMessage } from "../data-plane/messages.ts";
import type { UnaryMethod } from "../data-plane/methods.ts";
import { createMetrics } from "../metrics.ts";
import type { SecurityDeps } from "../security.ts";
import { type RunningServer, startServer } from "../server/start-server.ts";
import { createTestSecurity } from "./index.ts";

const root = { accountId: "acct_a", principalId: "user_root", permissions: "all" } as const;
const bob = { accountId: "acct_b", principalId: "user_bob", permissions: [] };
/** Where GetAccount is. */
export const getAccountPath = `/${AccountService.typeName}/GetAccount`;

/** What an account is called: at once, later, or not at all. */
function nameOf(accountId: string, signal: AbortSignal): string | Promise<string> {
  switch (accountId) {
    case "large":
      return "large ".repeat(1_000);
    case "later":
      return new Promise((resolve) => setImmediate(resolve, "later"));
    case "too_late":
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    case "refused":
      throw new DomainError("VALIDATION_FAILED", "100 % of «this» is wrong;\n", { metadata: { x: "y" } });
    case "refused_later":
      return Promise.reject(new DomainError("DEPENDENCY_UNAVAILABLE", "Try again.", { cause: "db" }));
    case "fault":
      throw new Error("the inner workings");
    default:
      return "now";
  }
}

/** A server that shows what it does. */
export interface ShownServer {
  readonly running: RunningServer;
  readonly lines: string[];
  /** Calls that the routes answered, and those that the data plane's method did. */
  readonly answered: { routes: number; bytes: number };
  /** Calls as /metrics has them. */
  counts(): Promise<string>;
}

/** GetAccount in bytes; its answer depends on the account that is asked for. */
export function shownMethod(onAnswered: () => void): UnaryMethod {
  return {
    kind: "unary",
    method: AccountService.method.getAccount,
    accountNamedBy: (bytes) => readText(bytes, 0x0a) ?? "", // What it can't read is found out by `answer`.
    answer(bytes, call) {
      parseMessage(GetAccountRequestSchema, bytes);
      onAnswered();
      const encode = (displayName: string) =>
        toBinary(
          GetAccountResponseSchema,
          create(GetAccountResponseSchema, { account: { accountId: call.accountId, displayName } }),
        );
      const name = nameOf(call.accountId, call.signal);
      return typeof name === "string" ? encode(name) : name.then(encode);
    },
  };
}

/** Knows root and bob at once, and «wrong» for what it is. */
export function shownSecurity(): SecurityDeps {
  const { apiKeys, authorizer, ...security } = createTestSecurity("identity", { root, bob });
  const known = { root, bob };
  return {
    ...security,
    apiKeys: {
      ...apiKeys,
      recall(apiKey) {
        if (apiKey === "wrong") throw new DomainError("CREDENTIALS_INVALID", "The API key is not valid.");
        const found = apiKey === "root" || apiKey === "bob" ? known[apiKey] : undefined;
        return found && { kind: "principal", ...found, credentialId: "cred" };
      },
    },
    authorizer: {
      ...authorizer,
      known: ({ principalId }) =>
        principalId === "user_root" ? { allowed: true, superAdmin: true } : undefined,
    },
  };
}

/** GetAccount by both ways, or by Connect alone. */
export async function startShown(isShort: boolean): Promise<ShownServer> {
  const lines: string[] = [];
  const answered = { routes: 0, bytes: 0 };
  const metrics = createMetrics("identity");
  const method = shownMethod(() => answered.bytes++);
  const running = await startServer({
    host: "127.0.0.1",
    port: 0,
    services: [AccountService],
    routes: (router) =>
      router.service(AccountService, {
        async getAccount(_request, context) {
          answered.routes++;
          const { accountId, signal } = callOf(context);
          return { account: { accountId, displayName: await nameOf(accountId, signal) } };
        },
      }),
    dataMethods: isShort ? [method] : undefined,
    security: shownSecurity(),
    log: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }),
    metrics,
    probe: async () => {},
  });
  const counts = async () =>
    (await metrics.registry.getSingleMetricAsString("portcullis_rpc_calls_total")) ?? "";
  return { running, lines, answered, counts };
}
