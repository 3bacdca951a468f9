import { DomainError } from "@portcullis/errors";
import {
  type AclTarget,
  type Host,
  type Label,
  type LabelKey,
  type LabelValue,
  type Port,
  parseHost,
  parseHostSuffix,
  parseLabelKey,
  parseLabelValue,
  parsePort,
} from "./acl-target.ts";

/** One entry of a credential's allow-list (contracts/ngrok.md §3). There are no deny rules. */
export type AclRule =
  /** `*` */
  | { readonly type: "unrestricted" }
  /** `bind:*` */
  | { readonly type: "every_endpoint" }
  /** `bind:foo.example.com` */
  | { readonly type: "host"; readonly host: Host }
  /** `bind:*.example.com` */
  | { readonly type: "host_suffix"; readonly suffix: Host }
  /** `bind:1.tcp.example.com:20002` */
  | { readonly type: "host_port"; readonly host: Host; readonly port: Port }
  /** `bind:foo=bar`, with `*` for any key or any value */
  | { readonly type: "label"; readonly key: LabelKey | "*"; readonly value: LabelValue | "*" };

const ruleLengthMax = 300;
const rulesMax = 100;
const reason = "ACL_RULE_INVALID";

/**
 * Reads `*` or `bind:<domain|address|label>`. Throws DomainError ACL_RULE_INVALID, whose message names the
 * problem and does not repeat the rule. `bind:` is lower case and nothing is trimmed. Text with `=` is a label
 * rule, split at the first `=`; other text with `:` is host:port, which knows no wildcard.
 */
export function parseAclRule(text: string): AclRule {
  if (text.length > ruleLengthMax) fail(`a rule is at most ${ruleLengthMax} characters long`);
  if (text === "*") return { type: "unrestricted" };
  if (!text.startsWith("bind:")) fail("a rule is `*` or begins with `bind:`");
  const bound = text.slice("bind:".length);
  if (bound === "") fail("nothing follows `bind:`");
  if (bound === "*") return { type: "every_endpoint" };
  // Before labels, else `https://example.com/?a=b` would be one.
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(bound)) fail("a rule has no scheme: write the host alone");
  if (bound.includes("=")) return parseLabelRule(bound);
  const colon = bound.indexOf(":");
  if (colon !== -1 && colon === bound.lastIndexOf(":")) {
    const host = parseHost(bound.slice(0, colon), reason);
    return { type: "host_port", host, port: parsePort(bound.slice(colon + 1), reason) };
  }
  if (bound.startsWith("*.")) return { type: "host_suffix", suffix: parseHostSuffix(bound, reason) };
  return { type: "host", host: parseHost(bound, reason) };
}

/**
 * Reads a credential's rules: at most 100, duplicates dropped, order kept. No rules mean no restriction.
 * Throws DomainError ACL_RULE_INVALID, which says which rule (counted from 1) is wrong.
 */
export function parseAclRules(texts: readonly string[]): readonly AclRule[] {
  if (texts.length > rulesMax) fail(`a credential has at most ${rulesMax} rules`);
  const rules = new Map<string, AclRule>();
  for (const [index, text] of texts.entries()) {
    const rule = parseRuleAt(index, text);
    const canonical = formatAclRule(rule);
    if (!rules.has(canonical)) rules.set(canonical, rule);
  }
  return [...rules.values()];
}

/** The one spelling of a rule; {@link parseAclRule} reads it back as an equal rule. */
// oxlint-disable-next-line typescript/consistent-return -- tsc proves that every case returns
export function formatAclRule(rule: AclRule): string {
  switch (rule.type) {
    case "unrestricted":
      return "*";
    case "every_endpoint":
      return "bind:*";
    case "host":
      return `bind:${rule.host}`;
    case "host_suffix":
      return `bind:*.${rule.suffix}`;
    case "host_port":
      return `bind:${rule.host}:${rule.port}`;
    case "label":
      return `bind:${rule.key}=${rule.value}`;
  }
}

/** Whether the rules restrict nothing: there are none, or `*` is among them. */
export function isUnrestricted(rules: readonly AclRule[]): boolean {
  return rules.length === 0 || rules.some((rule) => rule.type === "unrestricted");
}

/**
 * Whether the rules, taken together, permit the target. A labelled endpoint needs each of its labels permitted
 * by some rule. Host rules and host:port rules never stand in for each other: `bind:foo.example.com` does not
 * permit foo.example.com:443. A random TCP port needs `*` or `bind:*`.
 */
// oxlint-disable-next-line typescript/consistent-return -- tsc proves that every case returns
export function aclAllows(rules: readonly AclRule[], target: AclTarget): boolean {
  if (rules.length === 0 || rules.some(permitsEverything)) return true;
  switch (target.type) {
    case "host":
      return rules.some(
        (rule) =>
          (rule.type === "host" && rule.host === target.host) ||
          (rule.type === "host_suffix" && isBelow(target.host, rule.suffix)),
      );
    case "wildcard_host":
      return rules.some(
        (rule) =>
          rule.type === "host_suffix" &&
          (rule.suffix === target.suffix || isBelow(target.suffix, rule.suffix)),
      );
    case "host_port":
      return rules.some(
        (rule) => rule.type === "host_port" && rule.host === target.host && rule.port === target.port,
      );
    case "labels":
      // The length is checked because `every` says yes to an endpoint without labels.
      return target.labels.length > 0 && target.labels.every((label) => permitsLabel(rules, label));
    case "random_tcp_port":
      return false;
  }
}

/** `*` restricts nothing; `bind:*` permits every endpoint, and every target is an endpoint. */
function permitsEverything(rule: AclRule): boolean {
  return rule.type === "unrestricted" || rule.type === "every_endpoint";
}

/** At any depth below the suffix, never the suffix itself. */
function isBelow(host: Host, suffix: Host): boolean {
  return host.endsWith(`.${suffix}`);
}

function permitsLabel(rules: readonly AclRule[], [key, value]: Label): boolean {
  return rules.some(
    (rule) =>
      rule.type === "label" &&
      (rule.key === "*" || rule.key === key) &&
      (rule.value === "*" || rule.value === value),
  );
}

function parseLabelRule(text: string): AclRule {
  const equals = text.indexOf("=");
  const key = text.slice(0, equals);
  const value = text.slice(equals + 1);
  if (key !== "*" && key.includes("*")) fail("`*` stands for a whole label key, not for a part of one");
  if (value !== "*" && value.includes("*")) fail("`*` stands for a whole label value, not for a part of one");
  return {
    type: "label",
    key: key === "*" ? key : parseLabelKey(key, reason),
    value: value === "*" ? value : parseLabelValue(value, reason),
  };
}

function parseRuleAt(index: number, text: string): AclRule {
  try {
    return parseAclRule(text);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    throw new DomainError(reason, `rule ${index + 1}: ${error.message}`, { cause: error });
  }
}

function fail(problem: string): never {
  throw new DomainError(reason, problem);
}
