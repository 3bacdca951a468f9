import { join } from "node:path";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  VerificationResult,
  VerifyTokenRequestSchema,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { askEach, type Callee, grpcPlan, type MessagePair } from "../load/plans.ts";
import { type Contestant, loadedBy } from "../load/rounds.ts";
import type { OneService, Replica } from "../one-service.ts";
import { freePorts, startNode } from "../verify/installation.ts";
import type { Authorized } from "./messages.ts";
import type { World } from "./worlds.ts";

const verifyToken = "/portcullis.credential.v1.VerificationService/VerifyToken";
const unary = { mode: "unary", connections: 4, concurrency: 16 } as const;
/** What an empty RPC is sent: about as much as a check. */
const emptyRequest = toBinary(
  VerifyTokenRequestSchema,
  create(VerifyTokenRequestSchema, { token: "x".repeat(78) }),
);

/** A server whose one method does nothing (verify/empty-server.ts). */
export function empty(
  name: string,
  kind: string,
  installation: OneService,
  nodeFlags: readonly string[],
): Contestant {
  return {
    name,
    bearer: installation.tokenOf("gateway"),
    async start() {
      const [port = 0] = await freePorts(1);
      const script = join(import.meta.dirname, "../verify/empty-server.ts");
      const args = [...nodeFlags, script, kind, String(port), installation.workloadKey];
      const server = await startNode(args, [port]);
      const to = {
        port,
        path: verifyToken,
        bearer: installation.tokenOf("gateway"),
      };
      const messages = [[emptyRequest, new Uint8Array()] as const];
      const plan = grpcPlan(to, messages, { ...unary, serverPid: server.pid });
      return loadedBy(plan, server);
    },
  };
}

export function verify(
  name: string,
  tokens: readonly string[],
  credential: OneService,
  nodeFlags: readonly string[],
): Contestant {
  return {
    name,
    bearer: credential.tokenOf("gateway"),
    async start() {
      const server = await credential.start({}, nodeFlags);
      const to = { ...authorized(credential, server), path: verifyToken };
      const plan = verificationsOf(to, tokens).then((messages) =>
        grpcPlan(to, messages, { ...unary, serverPid: server.pid }),
      );
      return loadedBy(plan, server);
    },
  };
}

async function verificationsOf(to: Callee, tokens: readonly string[]): Promise<readonly MessagePair[]> {
  const requests = tokens.map((token) =>
    toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, { token })),
  );
  const answers = await askEach(to, requests);
  const areValid = answers.every(
    (answer) =>
      fromBinary(VerifyTokenResponseSchema, answer).verification?.result === VerificationResult.VALID,
  );
  if (!areValid) throw new Error("a good token is refused");
  return requests.map((request, index) => [request, answers[index] ?? request] as const);
}

export interface Checks {
  readonly name: string;
  readonly world: World;
  readonly method?: "Check" | "BatchCheck";
  /** At once, on each of four connections. */
  readonly concurrency?: number;
  messages(to: Authorized): Promise<readonly MessagePair[]>;
}

export function check(checks: Checks, authorization: OneService, nodeFlags: readonly string[]): Contestant {
  const { name, world, method = "Check", concurrency = unary.concurrency } = checks;
  return {
    name,
    bearer: authorization.tokenOf("gateway"),
    async start() {
      const flags = ["--max-old-space-size=8192", ...nodeFlags];
      const server = await authorization.start(memoryFor(world), flags);
      const to = authorized(authorization, server);
      const path = `/portcullis.authorization.v1.CheckService/${method}`;
      const plan = checks
        .messages(to)
        .then((messages) =>
          grpcPlan({ ...to, path }, messages, { ...unary, concurrency, serverPid: server.pid }),
        );
      return loadedBy(plan, server);
    },
  };
}

/** Half of it is for principals: all of them, and what each takes. */
function memoryFor({ principals }: World): Readonly<Record<string, string>> {
  return { MEMORY_ENTRIES_MAX: String(2 * principals + 100_000), MEMORY_MIB_MAX: "8192" };
}

function authorized(service: OneService, { address, dataAddress = address }: Replica): Authorized {
  return { port: Number(dataAddress.split(":")[1]), bearer: service.tokenOf("gateway") };
}
