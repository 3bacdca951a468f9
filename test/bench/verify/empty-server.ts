// A server whose one method does nothing, by each of the ways to serve it: what the doors themselves cost.

import { createServer } from "node:http2";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { connectNodeAdapter } from "@connectrpc/connect-node";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import {
  VerificationService,
  VerifyTokenRequestSchema,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import {
  createLogger,
  createMetrics,
  parseWorkloadKey,
  type SecurityDeps,
  startServer,
} from "@portcullis/service";
import { type DataMethod, startDataPlane } from "@portcullis/service/data-plane";

const [kind = "", portText = "0", workloadKey = ""] = process.argv.slice(2);
const port = Number(portText);
const host = "127.0.0.1";
const { verifyToken } = VerificationService.method;
const path = `/${VerificationService.typeName}/${verifyToken.name}`;
const nobody = () => Promise.reject(new Error("nobody calls with a key here"));
const security: SecurityDeps = {
  serviceName: "credential",
  workloadKey: parseWorkloadKey(workloadKey),
  callTimeoutMs: 15_000,
  apiKeys: { authenticate: nobody },
  authorizer: { decide: nobody },
};
const nothing = Buffer.alloc(0);
const methods: readonly DataMethod[] = [{ kind: "unary", method: verifyToken, answer: () => nothing }];
const common = {
  host,
  port,
  log: createLogger("empty", "warn"),
  metrics: createMetrics("empty"),
  probe: async () => {},
};

const servers: Record<string, () => Promise<unknown>> = {
  "grpc-js, bytes": () =>
    grpcJs(
      (bytes) => bytes,
      (bytes) => bytes,
      nothing,
    ),
  "grpc-js, protobuf-es": () =>
    grpcJs(
      (bytes) => fromBinary(VerifyTokenRequestSchema, bytes),
      (message) => Buffer.from(toBinary(VerifyTokenResponseSchema, message)),
      create(VerifyTokenResponseSchema),
    ),
  connect: async () => {
    const handler = connectNodeAdapter({
      routes: (router) => router.service(VerificationService, { verifyToken: () => ({}) }),
    });
    createServer(handler).listen(port, host);
  },
  "control plane": () =>
    startServer({
      ...common,
      services: [VerificationService],
      routes: (router) => router.service(VerificationService, { verifyToken: () => ({}) }),
      dataMethods: methods,
      security,
    }),
  "control plane, by Connect": () =>
    startServer({
      ...common,
      services: [VerificationService],
      routes: (router) => router.service(VerificationService, { verifyToken: () => ({}) }),
      security,
    }),
  "data plane": () =>
    startDataPlane({
      ...common,
      methods,
      security,
    }),
};

function grpcJs<Out>(
  read: (bytes: Buffer) => unknown,
  write: (message: Out) => Buffer,
  answer: Out,
): Promise<number> {
  // As the data plane has it.
  const server = new Server({ "grpc.enable_channelz": 0, "grpc.max_concurrent_streams": 1_000 });
  const handle = (_call: unknown, respond: (error: null, answer: Out) => void) => respond(null, answer);
  server.register(path, handle, write, read, "unary");
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
}

const start = servers[kind];
if (start === undefined) throw new Error(`one of: ${Object.keys(servers).join("; ")}`);
await start();
process.on("SIGTERM", () => process.exit(0));
