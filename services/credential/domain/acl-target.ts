import { DomainError } from "@portcullis/errors";

/** A host name in its one spelling: lower case, letters, digits and inner hyphens, no trailing dot. */
export type Host = string & { readonly __brand: "Host" };
/** 1 to 65535. */
export type Port = number & { readonly __brand: "Port" };
export type LabelKey = string & { readonly __brand: "LabelKey" };
export type LabelValue = string & { readonly __brand: "LabelValue" };
export type Label = readonly [key: LabelKey, value: LabelValue];

/** What a credential asks to bind: the other side of an ACL rule. */
export type AclTarget =
  | { readonly type: "host"; readonly host: Host }
  /** The wildcard endpoint `*.<suffix>`. */
  | { readonly type: "wildcard_host"; readonly suffix: Host }
  | { readonly type: "host_port"; readonly host: Host; readonly port: Port }
  | { readonly type: "labels"; readonly labels: readonly Label[] }
  /** "Any TCP port": an address that is chosen only later. */
  | { readonly type: "random_tcp_port" };

export type HostTarget = Extract<AclTarget, { type: "host" | "wildcard_host" }>;

/** A target field breaks the first, a rule that holds the same text breaks the second. */
type InvalidReason = "VALIDATION_FAILED" | "ACL_RULE_INVALID";

const hostLengthMax = 253;
const labelKeyLengthMax = 63;
const labelValueLengthMax = 128;
const labelsMax = 32;

const dnsLabel = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** The WHATWG URL standard reads a host whose last label is a number as an IPv4 address. */
const numericLabel = /^(?:[0-9]+|0x[0-9a-f]*)$/;
/** Printable ASCII without space and `*`: a wildcard must not be confused with a label named `*`. */
const labelValueText = /^[!-)+-~]+$/;

/**
 * A host name, in any case. Refused: IP literals, ports, schemes, paths, underscores (RFC 952 and 1123), a
 * trailing dot (one spelling for each host), labels above 63 and names above 253 characters, and non-ASCII
 * names (write `xn--…`). Names of one label are accepted: `localhost`, `internal`.
 */
export function parseHost(text: string, reason: InvalidReason = "VALIDATION_FAILED"): Host {
  const problem = hostProblem(text);
  if (problem !== undefined) throw new DomainError(reason, problem);
  return text.toLowerCase() as Host;
}

/** A host, or the wildcard endpoint `*.example.com`. */
export function parseHostTarget(text: string): HostTarget {
  return text.startsWith("*.")
    ? { type: "wildcard_host", suffix: parseHostSuffix(text) }
    : { type: "host", host: parseHost(text) };
}

/** The `example.com` of `*.example.com`. The wildcard stands for whole labels, so only at the very left. */
export function parseHostSuffix(text: string, reason: InvalidReason = "VALIDATION_FAILED"): Host {
  if (!text.startsWith("*.")) throw new DomainError(reason, "a wildcard host begins with `*.`");
  if (text.length > hostLengthMax) throw new DomainError(reason, hostTooLong);
  return parseHost(text.slice(2), reason);
}

/** A port as a number, or as decimal text without sign or leading zero. Port 0 is refused. */
export function parsePort(value: string | number, reason: InvalidReason = "VALIDATION_FAILED"): Port {
  const port = typeof value === "number" ? value : /^[1-9][0-9]{0,4}$/.test(value) ? Number(value) : 0;
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new DomainError(reason, "a port is a number from 1 to 65535, without leading zeros");
  }
  return port as Port;
}

/** Letters, digits and printable ASCII but space, `*` and `=`; at most 63 characters; case matters. */
export function parseLabelKey(text: string, reason: InvalidReason = "VALIDATION_FAILED"): LabelKey {
  if (text.length > labelKeyLengthMax || text.includes("=") || !labelValueText.test(text)) {
    throw new DomainError(
      reason,
      `a label key is 1 to ${labelKeyLengthMax} printable ASCII characters other than space, \`*\` and \`=\``,
    );
  }
  return text as LabelKey;
}

/** Printable ASCII but space and `*`; at most 128 characters; case matters. */
export function parseLabelValue(text: string, reason: InvalidReason = "VALIDATION_FAILED"): LabelValue {
  if (text.length > labelValueLengthMax || !labelValueText.test(text)) {
    throw new DomainError(
      reason,
      `a label value is 1 to ${labelValueLengthMax} printable ASCII characters other than space and \`*\``,
    );
  }
  return text as LabelValue;
}

/** The labels of a labelled endpoint: 1 to 32, each key once. */
export function parseLabels(entries: readonly (readonly [key: string, value: string])[]): readonly Label[] {
  if (entries.length === 0 || entries.length > labelsMax) {
    throw new DomainError("VALIDATION_FAILED", `an endpoint has 1 to ${labelsMax} labels`);
  }
  const labels = entries.map(([key, value]): Label => [parseLabelKey(key), parseLabelValue(value)]);
  if (new Set(labels.map(([key]) => key)).size < labels.length) {
    throw new DomainError("VALIDATION_FAILED", "an endpoint has each label key at most once");
  }
  return labels;
}

const hostTooLong = `a host is at most ${hostLengthMax} characters long`;

/** What is wrong with a host, without repeating it; undefined when nothing is. */
function hostProblem(text: string): string | undefined {
  if (text.length === 0) return "the host is empty";
  if (text.length > hostLengthMax) return hostTooLong;
  if (/[^ -~]/.test(text)) return "a host is ASCII; write international names in punycode (`xn--…`)";
  if (text.includes("://")) return "a host has no scheme";
  if (text.includes("/")) return "a host has no path";
  if (text.includes("*"))
    return "a wildcard may only stand for the whole leftmost part, as in `*.example.com`";
  if (text.includes("[") || text.split(":").length > 2) return "a host is a name, not an IP address";
  if (text.includes(":")) return "a port is not part of a host";
  if (text.endsWith(".")) return "a host has no trailing dot";
  const labels = text.toLowerCase().split(".");
  if (!labels.every((label) => dnsLabel.test(label))) {
    return "each part of a host is 1 to 63 letters, digits and inner hyphens";
  }
  if (numericLabel.test(labels.at(-1) ?? "")) return "a host is a name, not an IP address";
  return undefined;
}
