import { isIPv6 } from "node:net";
import { CredentialKind as WireKind } from "@portcullis/contracts/portcullis/credential/v1/credential_pb.ts";
import { type Bytes, isAscii, readLength } from "@portcullis/service/data-plane";
import type { CredentialKind } from "../../domain/credential.ts";
import type { TokenQuestion } from "../../domain/verify-token.ts";
import { parseKinds } from "../messages.ts";
import { userAgentMax } from "../verification-messages.ts";

/** A VerifyTokenRequest. */
export interface TokenRequest {
  readonly question: TokenQuestion;
  readonly forCache: boolean;
}

/** A StreamedVerification with a token, without `keep`. */
export interface StreamedToken {
  /** Its varint, which the answer repeats; empty for 0. */
  readonly id: Bytes;
  readonly request: TokenRequest;
}

/*
 * These read what is usual, straight from the bytes, to what protobuf-es and the rules at the fields would make of it.
 * Whatever is not usual, invalid or of a newer release is not for them: they answer undefined, and the whole message
 * goes the long way, which also says what is wrong with it.
 */

const batchMax = 1_000;
const kindsMax = 4;

/** A VerifyTokenRequest that fills the buffer from `start` to `end`. */
export function readTokenRequest(bytes: Buffer, start: number, end: number): TokenRequest | undefined {
  let text = "";
  let sourceIp = "";
  let userAgent = "";
  let forCache = false;
  let kinds = 0;
  let kindCount = 0;
  for (let at = start; at < end; ) {
    const tag = bytes[at++] ?? 0;
    if (tag === 0x28) {
      const value = bytes[at++] ?? 2;
      if (value > 1 || at > end) return undefined;
      forCache = value === 1;
      continue;
    }
    const length = readLength(bytes, at);
    if (length === undefined) return undefined;
    at += length < 0x80 ? 1 : 2;
    const last = at + length;
    if (last > end) return undefined;
    switch (tag) {
      case 0x0a:
      case 0x22:
      case 0x32: {
        if (!isAscii(bytes, at, last)) return undefined;
        const read = bytes.toString("latin1", at, last);
        if (tag === 0x0a) text = read;
        else if (tag === 0x32) userAgent = read;
        else if (length === 0 || isIpv4At(bytes, at, last) || isPlainIpv6(read)) sourceIp = read;
        else return undefined;
        break;
      }
      case 0x12:
        for (let index = at; index < last; index++) {
          const kind = bytes[index] ?? 0;
          if (kind > 7 || ++kindCount > kindsMax) return undefined;
          kinds |= 1 << kind;
        }
        break;
      default:
        return undefined;
    }
    at = last;
  }
  const acceptedKinds = kindCount === 0 ? undefined : kindsOf(kinds);
  return {
    question: {
      text,
      acceptedKinds,
      action: undefined,
      sourceIp,
      userAgent: userAgent.slice(0, userAgentMax),
    },
    forCache,
  };
}

/** A BatchVerifyTokensRequest. */
export function readBatch(bytes: Buffer): readonly TokenRequest[] | undefined {
  const requests: TokenRequest[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at++] !== 0x0a) return undefined;
    const length = readLength(bytes, at);
    if (length === undefined) return undefined;
    at += length < 0x80 ? 1 : 2;
    const request = readTokenRequest(bytes, at, at + length);
    if (request === undefined || requests.push(request) > batchMax) return undefined;
    at += length;
  }
  return requests.length === 0 ? undefined : requests;
}

/** A VerifyStreamRequest of tokens, none of them to be kept. */
export function readStreamed(bytes: Buffer): readonly StreamedToken[] | undefined {
  const items: StreamedToken[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes[at++] !== 0x0a) return undefined;
    const length = readLength(bytes, at);
    if (length === undefined) return undefined;
    at += length < 0x80 ? 1 : 2;
    const item = readStreamedToken(bytes, at, at + length);
    if (item === undefined || items.push(item) > batchMax) return undefined;
    at += length;
  }
  return items;
}

/** The id first and then the token, as every encoder writes them. */
function readStreamedToken(bytes: Buffer, start: number, end: number): StreamedToken | undefined {
  let at = start;
  let id: Bytes = "";
  if (bytes[at] === 0x08) {
    const first = ++at;
    while ((bytes[at] ?? 0) >= 0x80) at++;
    at++;
    // Up to 63 bits, in their shortest form.
    if (at > end || at - first > 9 || bytes[at - 1] === 0) return undefined;
    id = bytes.toString("latin1", first, at);
  }
  if (at >= end || bytes[at++] !== 0x12) return undefined;
  const length = readLength(bytes, at);
  if (length === undefined) return undefined;
  at += length < 0x80 ? 1 : 2;
  if (at + length !== end) return undefined;
  const request = readTokenRequest(bytes, at, end);
  return request && { id, request };
}

/** Four numbers up to 255 in their shortest form, with dots between them. */
function isIpv4At(bytes: Buffer, start: number, end: number): boolean {
  let dots = 0;
  let value = -1;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit === dot) {
      if (value === -1) return false;
      value = -1;
      dots++;
    } else {
      if (digit < 0 || digit > 9 || value === 0) return false;
      value = value === -1 ? digit : 10 * value + digit;
      if (value > 255) return false;
    }
  }
  return dots === 3 && value !== -1;
}

const dot = 0x2e - 0x30;

/** Without a zone, which not every reader takes. */
function isPlainIpv6(text: string): boolean {
  return isIPv6(text) && !text.includes("%");
}

const wireKinds = [WireKind.AUTHTOKEN, WireKind.API_KEY, WireKind.SSH_KEY, WireKind.SESSION];
/** By the set of their numbers as bits. */
const kindSets = new Map<number, ReadonlySet<CredentialKind>>();

function kindsOf(bits: number): ReadonlySet<CredentialKind> {
  let found = kindSets.get(bits);
  if (found === undefined) {
    found = new Set(parseKinds(wireKinds.filter((kind) => (bits & (1 << kind)) !== 0)));
    kindSets.set(bits, found);
  }
  return found;
}
