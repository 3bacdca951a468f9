import { create, toBinary } from "@bufbuild/protobuf";
import {
  BatchVerifyTokensRequestSchema,
  VerifyStreamRequestSchema,
  VerifyTokenRequestSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";

/** What is served, and how it is asked. */
export interface Scenario {
  readonly name: string;
  /** An empty RPC by one of the ways to serve it, or the credential service by one of its doors. */
  readonly server: { readonly empty: string } | { readonly door: "control" | "data" };
  readonly protocol: "grpc" | "connect";
  readonly method: "VerifyToken" | "BatchVerifyTokens" | "VerifyStream";
  /** Verifications in a call or message. */
  readonly items: number;
  readonly connections: number;
  /** At once, on each connection. */
  readonly concurrency: number;
  readonly nodeFlags?: readonly string[];
  /** Also at shares of its highest load. */
  readonly hasLatencies?: true;
}

const unary = { method: "VerifyToken", items: 1, connections: 4, concurrency: 16 } as const;
const grpc = { protocol: "grpc", ...unary } as const;

export const scenarios: readonly Scenario[] = [
  { name: "grpc-js empty (bytes)", server: { empty: "grpc-js, bytes" }, ...grpc, hasLatencies: true },
  { name: "grpc-js empty (protobuf-es)", server: { empty: "grpc-js, protobuf-es" }, ...grpc },
  { name: "Connect empty, gRPC", server: { empty: "connect" }, ...grpc },
  { name: "Connect empty, Connect", server: { empty: "connect" }, ...unary, protocol: "connect" },
  { name: "data plane empty", server: { empty: "data plane" }, ...grpc },
  { name: "control plane empty, gRPC", server: { empty: "control plane" }, ...grpc },
  { name: "control plane empty, Connect", server: { empty: "control plane" }, ...unary, protocol: "connect" },
  { name: "control plane empty, by Connect, gRPC", server: { empty: "control plane, by Connect" }, ...grpc },
  {
    name: "control plane empty, by Connect, Connect",
    server: { empty: "control plane, by Connect" },
    ...unary,
    protocol: "connect",
  },
  { name: "verify, data plane", server: { door: "data" }, ...grpc, hasLatencies: true },
  {
    name: "verify, data plane, larger young generation",
    server: { door: "data" },
    ...grpc,
    nodeFlags: ["--max-semi-space-size=32", "--min-semi-space-size=16"],
  },
  {
    name: "verify, batch of 64, data plane",
    server: { door: "data" },
    protocol: "grpc",
    method: "BatchVerifyTokens",
    items: 64,
    connections: 4,
    concurrency: 4,
  },
  {
    name: "verify, stream, data plane",
    server: { door: "data" },
    protocol: "grpc",
    method: "VerifyStream",
    items: 16,
    connections: 4,
    concurrency: 1,
  },
  { name: "verify, control plane, gRPC", server: { door: "control" }, ...grpc },
  { name: "verify, control plane, Connect", server: { door: "control" }, ...unary, protocol: "connect" },
];

/** The bytes of requests for these tokens, so many in each. */
export function requestsOf({ method, items }: Scenario, tokens: readonly string[]): readonly Uint8Array[] {
  const groups = Array.from({ length: Math.floor(tokens.length / items) }, (_, index) =>
    tokens.slice(index * items, (index + 1) * items).map((token) => ({ token, sourceIp: "192.0.2.10" })),
  );
  return groups.map((requests) => {
    switch (method) {
      case "VerifyToken":
        return toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, requests[0] ?? {}));
      case "BatchVerifyTokens":
        return toBinary(BatchVerifyTokensRequestSchema, create(BatchVerifyTokensRequestSchema, { requests }));
      case "VerifyStream": {
        const verifications = requests.map((value, index) => {
          return { id: BigInt(index + 1), question: { case: "token", value } } as const;
        });
        return toBinary(VerifyStreamRequestSchema, create(VerifyStreamRequestSchema, { verifications }));
      }
    }
  });
}
