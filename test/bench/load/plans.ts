import { Client, credentials, Metadata } from "@grpc/grpc-js";
import type { LoadPlan } from "./load.ts";

/** What is called, and who asks. */
export interface Callee {
  readonly port: number;
  /** `/package.Service/Method` */
  readonly path: string;
  /** A token that is good now. */
  bearer(): Promise<string>;
}

/** Messages as bytes, each with the answer that must come. */
export type MessagePair = readonly [request: Uint8Array, answer: Uint8Array];

type How = Omit<LoadPlan, "target" | "exchanges">;

/** How these messages are sent over gRPC. */
export function grpcPlan(callee: Callee, messages: readonly MessagePair[], how: How): Promise<LoadPlan> {
  const headers = { "content-type": "application/grpc", te: "trailers" };
  return planOf(callee, headers, messages, framed, how);
}

/** How these messages are sent over Connect's protocol; unary calls only. */
export function connectPlan(callee: Callee, messages: readonly MessagePair[], how: How): Promise<LoadPlan> {
  const headers = { "content-type": "application/proto", "connect-protocol-version": "1" };
  return planOf(callee, headers, messages, (bytes) => Buffer.from(bytes), how);
}

async function planOf(
  { port, path, bearer }: Callee,
  headers: Readonly<Record<string, string>>,
  messages: readonly MessagePair[],
  bodyOf: (bytes: Uint8Array) => Buffer,
  how: How,
): Promise<LoadPlan> {
  const authorization = `Bearer ${await bearer()}`;
  const text = (bytes: Uint8Array) => bodyOf(bytes).toString("base64");
  return {
    target: { port, path, headers: { ...headers, "user-agent": "portcullis-bench", authorization } },
    exchanges: messages.map(([request, answer]) => [text(request), text(answer)]),
    ...how,
  };
}

/** A gRPC message, not compressed. */
function framed(bytes: Uint8Array): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([prefix, bytes]);
}

const asIs = (bytes: Buffer) => bytes;

/**
 * Asks with grpc-js, one after the other, and each so many times, so that the last answer comes from memory. `times`
 * is told how long each call took, in milliseconds.
 */
export async function askEach(
  { port, path, bearer }: Callee,
  requests: readonly Uint8Array[],
  repeats = 2,
  times: number[] = [],
): Promise<readonly Uint8Array[]> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
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
      metadata.set("authorization", `Bearer ${await bearer()}`);
      for (let repeat = 1; repeat <= repeats; repeat++) {
        const startMs = performance.now();
        const answer = await ask(request);
        times.push(performance.now() - startMs);
        if (repeat === repeats) answers.push(answer);
      }
    }
    return answers;
  } finally {
    client.close();
  }
}
