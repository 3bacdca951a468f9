import { create, toBinary } from "@bufbuild/protobuf";
import {
  VerificationResult as Result,
  VerificationSchema,
} from "@portcullis/contracts/portcullis/credential/v1/verification_pb.ts";
import { type Bytes, bytesOf, delimited, varint } from "@portcullis/service/data-plane";
import type { Verdict } from "../../domain/decide.ts";
import type { Basis } from "../../domain/ports.ts";
import { type CacheAdvice, toCacheAdvice, toVerification } from "../verification-messages.ts";

/**
 * A verdict as the bytes that toBinary(toVerification(…)) would make. What a good credential is answered with is
 * made once for as long as it is remembered; only what the answer rests on is new each time.
 */
export function encodeVerification(verdict: Verdict, cachedFrom?: Date): Bytes {
  switch (verdict.result) {
    case "valid": {
      const { finding, held } = verdict;
      const { basis, derived } = finding;
      const answer = derived?.answer ?? goodAnswer(verdict);
      if (derived !== undefined) derived.answer = answer;
      if (cachedFrom === undefined) return answer + encodeBasis(basis);
      const advice = toCacheAdvice(finding, held, cachedFrom);
      if (advice === undefined) return answer + encodeBasis(basis);
      return answer + encodeBasis(basis) + delimited(tag.cache, encodeAdvice(advice));
    }
    case "malformed":
      return malformed;
    case "unknown":
      return unknown + encodeBasis(verdict.basis);
    case "throttled":
    case "wrong_kind":
    case "revoked":
    case "expired":
    case "account_suspended":
    case "owner_inactive":
    case "owner_locked":
    case "ip_not_allowed":
    case "acl_denied":
      return bytesOf(toBinary(VerificationSchema, toVerification(verdict, cachedFrom)));
  }
}

/** Tags of Verification's fields: number and wire type. */
const tag = { result: "\x08", revision: "\x20", staleness: "\x28", cache: "\x32" } as const;
const malformed: Bytes = tag.result + varint(Result.MALFORMED);
const unknown: Bytes = tag.result + varint(Result.UNKNOWN);

/** Result and credential, the first two fields. */
function goodAnswer(verdict: Extract<Verdict, { readonly held: unknown }>): Bytes {
  const { result, credential } = toVerification(verdict);
  const message = create(VerificationSchema, { result, ...(credential === undefined ? {} : { credential }) });
  return bytesOf(toBinary(VerificationSchema, message));
}

/** Most answers rest on the same revision as the one before. */
let last = { revision: 0, bytes: "" };

function encodeBasis({ revision, staleMsMax }: Basis): Bytes {
  if (revision !== last.revision) {
    last = { revision, bytes: revision === 0 ? "" : tag.revision + varint(revision) };
  }
  return staleMsMax === 0 ? last.bytes : last.bytes + tag.staleness + varint(staleMsMax);
}

/** Every program with a memory asks for it with every question. */
function encodeAdvice({ scopes, generation, ttlMs, dependsOnSourceIp }: CacheAdvice): Bytes {
  let bytes: Bytes = "";
  for (const scope of scopes) bytes += delimited("\x0a", utf8(scope));
  if (generation !== "") bytes += delimited("\x12", utf8(generation));
  if (ttlMs !== 0) bytes += `\x18${varint(ttlMs)}`;
  return dependsOnSourceIp ? `${bytes}\x20\x01` : bytes;
}

function utf8(text: string): Bytes {
  return asciiOnly.test(text) ? text : bytesOf(Buffer.from(text, "utf8"));
}

const asciiOnly = /^[ -~]*$/;
