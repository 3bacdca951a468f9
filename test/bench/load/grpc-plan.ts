import { Client, credentials, Metadata } from "@grpc/grpc-js";
import type { LoadPlan } from "./load.ts";

/** Where gRPC is served, and who asks. */
export interface GrpcTarget {
  readonly port: number;
  /** `/package.Service/Method` */
  readonly path: string;
  readonly authorization: string;
}

/** Messages as bytes, each with the answer that must come. */
export type MessagePair = readonly [request: Uint8Array, answer: Uint8Array];

/** How these messages are sent over gRPC. */
export function grpcPlan(
  { port, path, authorization }: GrpcTarget,
  messages: readonly MessagePair[],
  how: Omit<LoadPlan, "target" | "exchanges">,
): LoadPlan {
  return {
    target: {
      port,
      path,
      headers: {
        "content-type": "application/grpc",
        te: "trailers",
        "user-agent": "portcullis-bench",
        authorization,
      },
    },
    exchanges: messages.map(([request, answer]) => [framed(request), framed(answer)]),
    ...how,
  };
}

/** A gRPC message, not compressed, in base64. */
function framed(bytes: Uint8Array): string {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]).toString("base64");
}

const asIs = (bytes: Buffer) => bytes;

/** Asks with grpc-js, one after the other; each is asked twice, so that the second answer comes from memory. */
export async function askEach(
  { port, path, authorization }: GrpcTarget,
  requests: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set("authorization", authorization);
  const ask = (request: Uint8Array) =>
    new Promise<Uint8Array>((resolve, reject) => {
      client.makeUnaryRequest(path, asIs, asIs, Buffer.from(request), metadata, (error, answer) =>
        error === null && answer !== undefined
          ? resolve(new Uint8Array(answer))
          : reject(error ?? new Error("no answer")),
      );
    });
  try {
    const answers: Uint8Array[] = [];
    for (const request of requests) {
      await ask(request);
      answers.push(await ask(request));
    }
    return answers;
  } finally {
    client.close();
  }
}
