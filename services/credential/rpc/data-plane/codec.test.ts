import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { CredentialKind as Kind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import {
  BatchVerifyTokensRequestSchema,
  VerificationSchema,
  VerifyStreamRequestSchema,
  VerifyTokenRequestSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { parseMessage, toBuffer } from "@portcullis/service/data-plane";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Verdict } from "../../domain/decide.ts";
import { type HeldCredential, hold } from "../../domain/held-credential.ts";
import type { Basis } from "../../domain/ports.ts";
import { now, principal, sshCredential, tokenCredential } from "../../testing/fixtures.ts";
import { parseTokenQuestion, toVerification } from "../verification-messages.ts";
import { encodeVerification } from "./encode-verification.ts";
import { readBatch, readStreamed, readTokenRequest, type TokenRequest } from "./read-requests.ts";

const { text: realToken } = tokenCredential("authtoken");

const addresses = fc.oneof(
  fc.constant(""),
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4Extended(),
  fc.constantFrom("::ffff:192.0.2.1", "fe80::1%eth0", "1.2.3", "01.2.3.4", "::", "localhost", " 1.2.3.4"),
  fc.string({ maxLength: 20, unit: "grapheme" }),
);
const texts = fc.oneof(fc.constant(realToken), fc.string({ maxLength: 200, unit: "binary" }));

const tokenRequests: fc.Arbitrary<MessageInitShape<typeof VerifyTokenRequestSchema>> = fc.record(
  {
    token: texts,
    acceptedKinds: fc.array(fc.oneof(fc.constantFrom(...kinds()), fc.nat(300)), { maxLength: 6 }),
    sourceIp: addresses,
    forCache: fc.boolean(),
    userAgent: fc.string({ maxLength: 400, unit: "grapheme" }),
    action: fc.oneof(
      { weight: 4, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constant({ bind: { case: "host", value: "example.com" } } as const) },
    ),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<MessageInitShape<typeof VerifyTokenRequestSchema>>;

function kinds(): Kind[] {
  return [Kind.AUTHTOKEN, Kind.API_KEY, Kind.SSH_KEY, Kind.SESSION];
}

/** What the long way makes of the bytes; undefined where it refuses them. */
function theLongWay(bytes: Uint8Array): TokenRequest | undefined {
  try {
    const request = parseMessage(VerifyTokenRequestSchema, bytes);
    return { question: parseTokenQuestion(request), forCache: request.forCache };
  } catch {
    return undefined;
  }
}

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes);

/** A request's bytes as other encoders, or nobody, would write them. */
const wildBytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.tuple(tokenRequests, fc.nat(), fc.uint8Array({ maxLength: 12 })).map(([request, place, inserted]) => {
    const bytes = toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, request));
    const at = place % (bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]);
  }),
  fc.tuple(tokenRequests, fc.nat()).map(([request, place]) => {
    const bytes = toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, request));
    return bytes.subarray(0, place % (bytes.length + 1));
  }),
  fc
    .array(tokenRequests, { maxLength: 3 })
    .map((requests) =>
      Buffer.concat(
        requests.map((request) =>
          toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, request)),
        ),
      ),
    ),
);

describe("what is read straight from the bytes is what protobuf-es and the rules at the fields make of them", () => {
  test("for requests as programs make them", () => {
    fc.assert(
      fc.property(tokenRequests, (request) => {
        const bytes = toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, request));
        const read = readTokenRequest(bufferOf(bytes), 0, bytes.length);
        if (read !== undefined) expect(read).toEqual(theLongWay(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  test("for whatever comes", () => {
    fc.assert(
      fc.property(wildBytes, (bytes) => {
        const read = readTokenRequest(bufferOf(bytes), 0, bytes.length);
        if (read !== undefined) expect(read).toEqual(theLongWay(bytes));
      }),
      { numRuns: 5_000 },
    );
  });

  test("for batches and streams of them", () => {
    fc.assert(
      fc.property(
        fc.array(tokenRequests, { maxLength: 5 }),
        fc.bigInt(0n, 2n ** 64n - 1n),
        (requests, id) => {
          const batch = toBinary(
            BatchVerifyTokensRequestSchema,
            create(BatchVerifyTokensRequestSchema, { requests }),
          );
          const longWay = requests.map((request) =>
            theLongWay(toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, request))),
          );
          const read = readBatch(bufferOf(batch));
          if (read !== undefined) expect(read).toEqual(longWay);
          const verifications = requests.map(
            (value) => ({ id, question: { case: "token", value } }) as const,
          );
          const streamed = toBinary(
            VerifyStreamRequestSchema,
            create(VerifyStreamRequestSchema, { verifications }),
          );
          const items = readStreamed(bufferOf(streamed));
          if (items !== undefined) expect(items.map(({ request }) => request)).toEqual(longWay);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("and what every program sends takes the short way", () => {
    const usual: MessageInitShape<typeof VerifyTokenRequestSchema>[] = [
      { token: realToken },
      { token: realToken, sourceIp: "192.0.2.1", forCache: true },
      { token: realToken, sourceIp: "2001:db8::1", acceptedKinds: [Kind.API_KEY, Kind.SESSION] },
      { token: "garbage", userAgent: `Mozilla/5.0 ${"x".repeat(150)}` },
      {},
    ];
    for (const request of usual) {
      const bytes = toBinary(VerifyTokenRequestSchema, create(VerifyTokenRequestSchema, request));
      expect(readTokenRequest(bufferOf(bytes), 0, bytes.length)).toEqual(theLongWay(bytes));
    }
  });
});

const bases: fc.Arbitrary<Basis> = fc.record({
  generation: fc.string(),
  revision: fc.maxSafeNat(),
  staleMsMax: fc.oneof(fc.constant(0), fc.nat()),
});

const judgements = fc.constantFrom("valid", "wrong_kind", "revoked", "expired", "owner_locked", "acl_denied");

const helds: fc.Arbitrary<HeldCredential> = fc
  .record({
    isKey: fc.boolean(),
    metadata: fc.string({ unit: "binary" }),
    expiresAt: fc.option(fc.date({ noInvalidDate: true, min: now }), { nil: undefined }),
    acl: fc.constantFrom([], ["bind:example.com"], ["*", "bind:a=b"]),
  })
  .map(({ isKey, acl, ...parts }) => {
    const made = isKey ? sshCredential({ ...parts, acl }) : tokenCredential("authtoken", { ...parts, acl });
    return hold(made.credential, "active", principal({ version: 7 }));
  });

const verdicts: fc.Arbitrary<Verdict> = fc.oneof(
  fc.constant({ result: "malformed" } as const),
  fc.nat().map((retryAfterMs) => ({ result: "throttled", retryAfterMs }) as const),
  bases.map((basis) => ({ result: "unknown", basis }) as const),
  fc
    .tuple(judgements, helds, bases, fc.option(fc.constant({ answer: undefined }), { nil: undefined }))
    .map(([result, held, basis, derived]) => {
      const finding = { held, basis, scopes: ["principal:a/b", "credential:a/c"] };
      return {
        result,
        held,
        finding: derived === undefined ? finding : { ...finding, derived: { ...derived } },
      };
    }),
);

test("an answer's bytes are those of toBinary(toVerification(…)), the first time and when they are remembered", () => {
  fc.assert(
    fc.property(
      verdicts,
      fc.option(fc.constant(now), { nil: undefined }),
      bases,
      (verdict, cachedFrom, later) => {
        const expected = (of: Verdict) =>
          Buffer.from(toBinary(VerificationSchema, toVerification(of, cachedFrom)));
        expect(toBuffer(encodeVerification(verdict, cachedFrom))).toEqual(expected(verdict));
        const again =
          "finding" in verdict ? { ...verdict, finding: { ...verdict.finding, basis: later } } : verdict;
        expect(toBuffer(encodeVerification(again, cachedFrom))).toEqual(expected(again));
      },
    ),
    { numRuns: 1_000 },
  );
});
