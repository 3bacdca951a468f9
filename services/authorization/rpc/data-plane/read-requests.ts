import { isAscii, readLength } from "@portcullis/service/data-plane";
import type { BatchItem } from "../../domain/batch-check.ts";
import type { SubjectQuestion } from "../../domain/check.ts";
import { parsePrincipalId, parsePrincipalRef } from "../../domain/ids.ts";

/*
 * These read what is usual, straight from the bytes, to what protobuf-es and the rules at the fields would make of it:
 * questions for a permission, about a subject, of any revision, and not for a cache. The rest is not for them: they
 * answer undefined, and the whole message goes the long way, which also says what is wrong with it.
 */

const idMax = 64;
const permissionMax = 128;
const batchMax = 1_000;

/** A CheckRequest. */
export function readCheck(bytes: Buffer): SubjectQuestion | undefined {
  const fields = readFields(bytes, 0, bytes.length, [0x0a, 0x12, 0x1a]);
  const [subject, permissionAt, accountAt] = fields ?? [];
  if (subject === undefined || permissionAt === undefined) return undefined;
  const [ownAt, principalAt] = readFields(bytes, subject.start, subject.end, [0x0a, 0x12]) ?? [];
  const own = readId(bytes, ownAt, idMax);
  const principalId = readId(bytes, principalAt, idMax);
  const permission = readId(bytes, permissionAt, permissionMax);
  if (own === undefined || principalId === undefined || permission === undefined) return undefined;
  const account = accountAt === undefined ? own : readId(bytes, accountAt, idMax);
  if (account === undefined) return undefined;
  return {
    subject: parsePrincipalRef(own, principalId),
    accountId: account,
    permission,
    object: undefined,
    minRevision: 0,
  };
}

/** The items of a BatchCheckRequest. */
export function readBatch(bytes: Buffer): readonly BatchItem[] | undefined {
  const items: BatchItem[] = [];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at++];
    const length = readLength(bytes, at);
    if (length === undefined) return undefined;
    at += length < 0x80 ? 1 : 2;
    const end = at + length;
    if (tag === 0x12) {
      const [principalAt, permissionAt] = readFields(bytes, at, end, [0x0a, 0x12]) ?? [];
      const principalId = readId(bytes, principalAt, idMax);
      const permission = readId(bytes, permissionAt, permissionMax);
      if (principalId === undefined || permission === undefined || items.length === batchMax)
        return undefined;
      items.push({ principalId: parsePrincipalId(principalId), permission, object: undefined });
    } else if (tag !== 0x0a || length > idMax || !isAscii(bytes, at, end)) {
      return undefined;
    }
    at = end;
  }
  return items.length === 0 ? undefined : items;
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Where the contents of these fields are, in the order of their tags; undefined if there is another, or one twice. */
function readFields(
  bytes: Buffer,
  start: number,
  end: number,
  tags: readonly number[],
): readonly (Range | undefined)[] | undefined {
  const found: (Range | undefined)[] = tags.map(() => undefined);
  for (let at = start; at < end; ) {
    const index = tags.indexOf(bytes[at++] ?? 0);
    const length = readLength(bytes, at);
    if (index === -1 || length === undefined || found[index] !== undefined) return undefined;
    at += length < 0x80 ? 1 : 2;
    found[index] = { start: at, end: at + length };
    at += length;
    if (at > end) return undefined;
  }
  return found;
}

/** A text of ASCII that is set, and not too long. */
function readId(bytes: Buffer, range: Range | undefined, max: number): string | undefined {
  if (range === undefined) return undefined;
  const { start, end } = range;
  if (end === start || end - start > max || !isAscii(bytes, start, end)) return undefined;
  return bytes.toString("latin1", start, end);
}
