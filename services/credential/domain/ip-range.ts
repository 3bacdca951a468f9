import { isIPv4, isIPv6 } from "node:net";
import { DomainError } from "@portcullis/errors";

/** An address. IPv4-mapped IPv6 (`::ffff:192.0.2.1`) is the IPv4 address: dual-stack sockets report it so. */
export interface IpAddress {
  readonly version: 4 | 6;
  /** 4 or 16, big-endian. */
  readonly bytes: readonly number[];
  /** Dotted decimal, or the form of RFC 5952. */
  readonly text: string;
}

/** A block of addresses of one version: `::/0` holds no IPv4 address. */
export interface IpRange {
  readonly first: IpAddress;
  /** 0 to 32, or 0 to 128. */
  readonly prefixLength: number;
  /** The one spelling, always with a prefix length: `192.0.2.1/32`. */
  readonly text: string;
}

/** The longest: six groups and a dotted quad, a slash and three digits. */
const textLengthMax = 49;
const rangesMax = 100;

/**
 * Reads an address as a peer or proxy reports it; undefined for anything else. Never throws. Zone ids
 * (`fe80::1%eth0`), ports, brackets, leading zeros in IPv4 and the short forms `10.1` and `0x7f.1` are refused.
 */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (text.length > textLengthMax || text.includes("%")) return undefined;
  if (isIPv4(text)) return { version: 4, bytes: text.split(".").map(Number), text };
  if (!isIPv6(text)) return undefined;
  const bytes = bytesOfIpv6(text);
  return isMapped(bytes) ? addressOf(bytes.slice(12)) : addressOf(bytes);
}

/**
 * Reads a CIDR block or a single address. Throws DomainError IP_RANGE_INVALID, also for a block whose address
 * has bits beyond the prefix: `10.0.0.1/8` is as likely meant as `10.0.0.1/32`.
 */
export function parseIpRange(text: string): IpRange {
  if (text.length > textLengthMax) fail(`a range is at most ${textLengthMax} characters long`);
  const [addressText = "", prefixText, ...rest] = text.split("/");
  const first = parseIpAddress(addressText);
  if (first === undefined || rest.length > 0) fail("a range is an IPv4 or IPv6 address or CIDR block");
  const bits = first.bytes.length * 8;
  if (prefixText === undefined) return rangeOf(first, bits);
  // ::ffff:192.0.2.0/120 is 192.0.2.0/24.
  const mappedBits = first.version === 4 && addressText.includes(":") ? 96 : 0;
  const prefixLength = /^(?:0|[1-9][0-9]{0,2})$/.test(prefixText) ? Number(prefixText) - mappedBits : -1;
  if (prefixLength < 0 || prefixLength > bits) {
    fail(`the prefix length is a number from ${mappedBits} to ${mappedBits + bits}`);
  }
  if (!isZeroBeyond(first.bytes, prefixLength)) fail("the address has bits set beyond the prefix length");
  return rangeOf(first, prefixLength);
}

/**
 * Reads a credential's ranges: at most 100, duplicates dropped, order kept. Throws DomainError
 * IP_RANGE_INVALID, which says which range (counted from 1) is wrong.
 */
export function parseIpRanges(texts: readonly string[]): readonly IpRange[] {
  if (texts.length > rangesMax) fail(`a credential has at most ${rangesMax} IP ranges`);
  const ranges = new Map<string, IpRange>();
  for (const [index, text] of texts.entries()) {
    const range = parseRangeAt(index, text);
    if (!ranges.has(range.text)) ranges.set(range.text, range);
  }
  return [...ranges.values()];
}

/** Whether the ranges, taken together, hold the address. No ranges allow all; ranges never allow an unknown address. */
export function ipAllowed(ranges: readonly IpRange[], address: IpAddress | undefined): boolean {
  if (ranges.length === 0) return true;
  return address !== undefined && ranges.some((range) => holds(range, address));
}

function holds({ first, prefixLength }: IpRange, address: IpAddress): boolean {
  if (address.version !== first.version) return false;
  const wholeBytes = prefixLength >> 3;
  for (let at = 0; at < wholeBytes; at++) {
    if (address.bytes[at] !== first.bytes[at]) return false;
  }
  const restBits = prefixLength & 7;
  return (
    restBits === 0 ||
    ((address.bytes[wholeBytes] ?? 0) ^ (first.bytes[wholeBytes] ?? 0)) >> (8 - restBits) === 0
  );
}

function isZeroBeyond(bytes: readonly number[], prefixLength: number): boolean {
  return bytes.every((byte, at) => {
    const kept = Math.min(Math.max(prefixLength - at * 8, 0), 8);
    return (byte & (0xff >> kept)) === 0;
  });
}

function rangeOf(first: IpAddress, prefixLength: number): IpRange {
  return { first, prefixLength, text: `${first.text}/${prefixLength}` };
}

function addressOf(bytes: readonly number[]): IpAddress {
  return bytes.length === 4
    ? { version: 4, bytes, text: bytes.join(".") }
    : { version: 6, bytes, text: ipv6Text(bytes) };
}

function isMapped(bytes: readonly number[]): boolean {
  return bytes.every((byte, at) => at >= 12 || byte === (at < 10 ? 0 : 0xff));
}

/** Of text that isIPv6 has accepted, without zone id. */
function bytesOfIpv6(text: string): readonly number[] {
  const [head = "", tail] = text.split("::");
  const before = groupBytes(head);
  const after = tail === undefined ? [] : groupBytes(tail);
  const zeros = Array.from({ length: 16 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function groupBytes(text: string): readonly number[] {
  if (text === "") return [];
  return text.split(":").flatMap((group) => {
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** RFC 5952 §4: lower case, no leading zeros, `::` for the first of the longest runs of two or more zero groups. */
function ipv6Text(bytes: readonly number[]): string {
  const groups = Array.from({ length: 8 }, (_, at) => ((bytes[at * 2] ?? 0) << 8) | (bytes[at * 2 + 1] ?? 0));
  let longest = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    const end = groups.findIndex((group, at) => at >= start && group !== 0);
    const length = (end === -1 ? 8 : end) - start;
    if (length > longest.length) longest = { start, length };
  }
  const hex = groups.map((group) => group.toString(16));
  if (longest.length === 1) return hex.join(":");
  return `${hex.slice(0, longest.start).join(":")}::${hex.slice(longest.start + longest.length).join(":")}`;
}

function parseRangeAt(index: number, text: string): IpRange {
  try {
    return parseIpRange(text);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError("IP_RANGE_INVALID", `range ${index + 1}: ${error.message}`, { cause: error });
  }
}

function fail(problem: string): never {
  throw new DomainError("IP_RANGE_INVALID", problem);
}
