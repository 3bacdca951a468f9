import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  BatchVerifyTokensRequestSchema,
  BatchVerifyTokensResponseSchema,
  VerificationResult,
  VerifyTokenRequestSchema,
  VerifyTokenResponseSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { askEach, type Callee, type MessagePair } from "../load/plans.ts";

export type Verifying = Omit<Callee, "path">;

const service = "/portcullis.credential.v1.VerificationService";
/** As many as a batch may have. */
const batchMax = 1_000;
/** Batches at once: while one is read, another is answered. */
const readers = 2;

/** Each of them is in the replica's memory then. */
export async function learn(to: Verifying, tokens: readonly string[]): Promise<void> {
  const batches: Uint8Array[] = [];
  for (let from = 0; from < tokens.length; from += batchMax) {
    const requests = tokens.slice(from, from + batchMax).map((token) => ({ token }));
    const request = create(BatchVerifyTokensRequestSchema, { requests });
    batches.push(toBinary(BatchVerifyTokensRequestSchema, request));
  }
  const parts = Array.from({ length: readers }, (_, reader) =>
    batches.filter((_batch, index) => index % readers === reader),
  );
  const path = `${service}/BatchVerifyTokens`;
  const answers = await Promise.all(parts.map((part) => askEach({ ...to, path }, part, 1)));
  const results = answers
    .flat()
    .flatMap((bytes) => fromBinary(BatchVerifyTokensResponseSchema, bytes).verifications);
  requireValid(
    results.map(({ result }) => result),
    tokens.length,
  );
}

/** A call for each of these tokens, with the answer that must come; and how long each took, one after the other. */
export async function verificationsOf(
  to: Verifying,
  tokens: readonly string[],
): Promise<{ readonly messages: readonly MessagePair[]; readonly times: readonly number[] }> {
  const callee = { ...to, path: `${service}/VerifyToken` };
  const requests = tokens.map((token) =>
    toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, { token })),
  );
  const times: number[] = [];
  const answers = await askEach(callee, requests, 1, times);
  requireValid(
    answers.map((bytes) => fromBinary(VerifyTokenResponseSchema, bytes).verification?.result),
    tokens.length,
  );
  return { messages: requests.map((request, index) => [request, answers[index] ?? request] as const), times };
}

function requireValid(results: readonly (VerificationResult | undefined)[], count: number): void {
  const wrong = results.find((result) => result !== VerificationResult.VALID);
  if (wrong !== undefined) throw new Error(`a good token has the result ${wrong}`);
  if (results.length !== count) throw new Error(`${count - results.length} tokens were not answered`);
}
