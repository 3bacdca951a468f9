import { DomainError, type ErrorReason } from "@portcullis/errors";
import { type AclRule, parseAclRule, parseAclRules } from "./acl.ts";
import { type IpRange, parseIpRange, parseIpRanges } from "./ip-range.ts";

/** Rules as a caller wrote them. ACL_RULE_INVALID, with the offending one as metadata `rule`. */
export function parseRequestedRules(texts: readonly string[]): readonly AclRule[] {
  return named("ACL_RULE_INVALID", "rule", texts, parseAclRule, () => parseAclRules(texts));
}

/** Ranges as a caller wrote them. IP_RANGE_INVALID, with the offending one as metadata `range`. */
export function parseRequestedRanges(texts: readonly string[]): readonly IpRange[] {
  return named("IP_RANGE_INVALID", "range", texts, parseIpRange, () => parseIpRanges(texts));
}

function named<T>(
  reason: ErrorReason,
  key: string,
  texts: readonly string[],
  parseOne: (text: string) => unknown,
  parseAll: () => T,
): T {
  try {
    return parseAll();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const offending = texts.find((text) => fails(() => parseOne(text)));
    const metadata = offending === undefined ? {} : { [key]: offending };
    throw new DomainError(reason, error.message, { cause: error, metadata });
  }
}

function fails(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch {
    return true;
  }
}
