import { fromBinary } from "@bufbuild/protobuf";
import { Client, type ClientDuplexStream, credentials, Metadata } from "@grpc/grpc-js";
import {
  BatchVerifyTokensResponseSchema,
  type Verification,
  VerificationResult,
  VerifyStreamResponseSchema,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { patiently } from "./installation.ts";
import type { Scenario } from "./scenarios.ts";

const asIs = (bytes: Buffer) => bytes;
const pathOf = (method: string) => `/portcullis.credential.v1.VerificationService/${method}`;

/**
 * What must come back for each request: asked for with grpc-js, once for the server to remember what it reads and
 * once more, and looked through, that all of it says VALID.
 */
export async function expectedAnswers(
  scenario: Scenario,
  port: number,
  authorization: string,
  requests: readonly Uint8Array[],
): Promise<readonly Uint8Array[]> {
  if ("empty" in scenario.server) return requests.map(() => new Uint8Array());
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set("authorization", authorization);
  try {
    const ask =
      scenario.method === "VerifyStream"
        ? streamAsker(client, metadata)
        : (request: Uint8Array) => askUnary(client, scenario.method, metadata, request);
    const answers: Uint8Array[] = [];
    for (const request of requests) {
      await patiently(() => ask(request));
      const answer = await patiently(() => ask(request));
      requireValid(scenario, answer);
      answers.push(answer);
    }
    return answers;
  } finally {
    client.close();
  }
}

function askUnary(
  client: Client,
  method: string,
  metadata: Metadata,
  request: Uint8Array,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(pathOf(method), asIs, asIs, Buffer.from(request), metadata, (error, answer) =>
      error === null && answer !== undefined
        ? resolve(new Uint8Array(answer))
        : reject(error ?? new Error("no answer")),
    );
  });
}

function streamAsker(client: Client, metadata: Metadata): (request: Uint8Array) => Promise<Uint8Array> {
  const stream: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
    pathOf("VerifyStream"),
    asIs,
    asIs,
    metadata,
  );
  stream.on("error", () => {}); // The end of the client.
  return (request) =>
    new Promise((resolve) => {
      stream.once("data", (answer: Buffer) => resolve(new Uint8Array(answer)));
      stream.write(Buffer.from(request));
    });
}

function requireValid({ method, items }: Scenario, answer: Uint8Array): void {
  const verifications = verificationsIn(method, answer);
  const areValid = verifications.every((verification) => verification?.result === VerificationResult.VALID);
  if (verifications.length !== items || !areValid) throw new Error(`${method} did not find all tokens valid`);
}

function verificationsIn(
  method: Scenario["method"],
  answer: Uint8Array,
): readonly (Verification | undefined)[] {
  switch (method) {
    case "VerifyToken":
      return [fromBinary(VerifyTokenResponseSchema, answer).verification];
    case "BatchVerifyTokens":
      return fromBinary(BatchVerifyTokensResponseSchema, answer).verifications;
    case "VerifyStream":
      return fromBinary(VerifyStreamResponseSchema, answer).answers.map(({ verification }) => verification);
  }
}
