import { createHash } from "node:crypto";
import { DomainError } from "@portcullis/errors";

const tagLength = 12;
const tokenLengthMax = 4_096;

/**
 * A page token: opaque to callers, bound to the filter it was made for. It is a checksum and no signature:
 * a forged one moves the start of the page, nothing else, so authorize and filter each page anew.
 */
export function encodePageToken(position: string, filterDigest: string): string {
  return Buffer.concat([tagOf(position, filterDigest), Buffer.from(position)]).toString("base64url");
}

/** The position that was encoded; PAGE_TOKEN_INVALID for a token of another filter, or none of ours. */
export function decodePageToken(token: string, filterDigest: string): string {
  const bytes = Buffer.from(token, "base64url");
  const position = bytes.subarray(tagLength).toString();
  const genuine =
    token.length <= tokenLengthMax &&
    // Node's decoder skips what it doesn't know, so that many texts decode to the same bytes.
    bytes.toString("base64url") === token &&
    bytes.length >= tagLength &&
    // Postgres takes no NUL in a text, and a checksum can be forged.
    !position.includes("\0") &&
    bytes.subarray(0, tagLength).equals(tagOf(position, filterDigest));
  if (genuine) return position;
  throw new DomainError(
    "PAGE_TOKEN_INVALID",
    "The page token doesn't belong to this request. Send it with the same filter as before, or start without one.",
  );
}

function tagOf(position: string, filterDigest: string): Buffer {
  const digest = createHash("sha256")
    .update(JSON.stringify(["page-token/1", filterDigest, position]))
    .digest();
  return digest.subarray(0, tagLength);
}
