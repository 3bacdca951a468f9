import { DomainError } from "@portcullis/errors";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aclAllows, formatAclRule, isUnrestricted, parseAclRule, parseAclRules } from "./acl.ts";
import { type AclTarget, parseHost, parseHostTarget, parseLabels, parsePort } from "./acl-target.ts";

/** A target written as a rule's subject would be: `foo.example`, `foo.example:80`, `a=b,c=d`, `random`. */
function target(text: string): AclTarget {
  if (text === "random") return { type: "random_tcp_port" };
  if (text.includes("=")) {
    const entries = text.split(",").map((pair): [string, string] => {
      const [key = "", value = ""] = pair.split("=");
      return [key, value];
    });
    return { type: "labels", labels: parseLabels(entries) };
  }
  const [host = "", port] = text.split(":");
  return port === undefined
    ? parseHostTarget(host)
    : { type: "host_port", host: parseHost(host), port: parsePort(port) };
}

function allows(rules: readonly string[], wanted: string): boolean {
  return aclAllows(parseAclRules(rules), target(wanted));
}

function invalid(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    return error instanceof DomainError && error.reason === "ACL_RULE_INVALID";
  }
}

describe("what each rule of contracts/ngrok.md §3 permits", () => {
  test.each<[rule: string, permitted: readonly string[], refused: readonly string[]]>([
    [
      "bind:foo.ngrok.app",
      ["foo.ngrok.app", "FOO.ngrok.APP"],
      ["bar.ngrok.app", "ngrok.app", "a.foo.ngrok.app", "*.foo.ngrok.app", "*.ngrok.app"],
    ],
    [
      "bind:*.example.com",
      ["x.example.com", "a.b.example.com", "*.example.com", "*.a.example.com"],
      ["example.com", "xexample.com", "example.com.evil.com", "*.com", "x.example.com:443"],
    ],
    ["bind:alias1.internal", ["alias1.internal"], ["alias2.internal", "alias1.internal:80"]],
    ["bind:*.cust1.internal", ["a.cust1.internal"], ["a.cust2.internal", "cust1.internal"]],
    [
      "bind:1.tcp.ngrok.io:20002",
      ["1.tcp.ngrok.io:20002"],
      ["1.tcp.ngrok.io:20003", "2.tcp.ngrok.io:20002", "1.tcp.ngrok.io", "random"],
    ],
    ["bind:foo=bar", ["foo=bar"], ["foo=baz", "Foo=bar", "fo=bar", "foo=bar,x=y", "foo.bar"]],
    ["bind:app=*", ["app=web", "app=x"], ["ap=web", "app=web,env=prod"]],
    ["bind:*=example", ["a=example", "a=example,b=example"], ["a=other", "a=example,b=other"]],
    ["bind:*=*", ["a=b", "a=b,c=d"], ["a.b", "a.b:80", "random"]],
    ["bind:*", ["foo.example", "*.foo.example", "foo.example:80", "a=b", "random"], []],
    ["*", ["foo.example", "*.foo.example", "foo.example:80", "a=b", "random"], []],
    ["bind:foo.example", ["foo.example"], ["foo.example:443", "foo.example:80", "random"]],
    ["bind:foo.example:443", ["foo.example:443"], ["foo.example"]],
  ])("%s", (rule, permitted, refused) => {
    expect(permitted.filter((wanted) => !allows([rule], wanted))).toEqual([]);
    expect(refused.filter((wanted) => allows([rule], wanted))).toEqual([]);
  });

  test("several rules permit what any of them does, each label by a rule of its own", () => {
    expect(allows(["bind:a.example", "bind:b.example"], "b.example")).toBe(true);
    expect(allows(["bind:app=web", "bind:env=*"], "app=web,env=prod")).toBe(true);
    expect(allows(["bind:app=web", "bind:env=*"], "app=web,env=prod,team=x")).toBe(false);
  });

  test("no rules, and `*` among others, restrict nothing", () => {
    for (const rules of [[], ["*"], ["bind:a.example", "*"]]) {
      expect(isUnrestricted(parseAclRules(rules))).toBe(true);
      expect(allows(rules, "random")).toBe(true);
    }
    expect(isUnrestricted(parseAclRules(["bind:a.example"]))).toBe(false);
    expect(isUnrestricted(parseAclRules(["bind:*"]))).toBe(false);
  });

  test("an endpoint without labels is not permitted by label rules", () => {
    expect(aclAllows(parseAclRules(["bind:*=*"]), { type: "labels", labels: [] })).toBe(false);
  });
});

describe("a rule is refused with its problem named", () => {
  test.each([
    ["", "begins with"],
    ["foo.example", "begins with"],
    ["BIND:foo.example", "begins with"],
    [" bind:foo.example", "begins with"],
    ["connect:foo.example", "begins with"],
    ["**", "begins with"],
    ["bind:", "nothing follows"],
    ["bind: foo.example", "hyphens"],
    ["bind:foo.example ", "hyphens"],
    ["bind:https://foo.example", "scheme"],
    ["bind:tcp://foo.example:80", "scheme"],
    ["bind:https://foo.example/?a=b", "scheme"],
    ["bind:foo.example/path", "path"],
    ["bind:10.0.0.1", "IP address"],
    ["bind:10.0.0.1:80", "IP address"],
    ["bind:[::1]:80", "IP address"],
    ["bind:foo.example:", "port"],
    ["bind:foo.example:*", "port"],
    ["bind:foo.example:0", "port"],
    ["bind:foo.example:65536", "port"],
    ["bind::80", "empty"],
    ["bind:*.example.com:443", "wildcard"],
    ["bind:*:443", "wildcard"],
    ["bind:**", "wildcard"],
    ["bind:*example.com", "wildcard"],
    ["bind:foo.*.com", "wildcard"],
    ["bind:*.*.com", "wildcard"],
    ["bind:*.", "empty"],
    ["bind:foo*=bar", "whole label key"],
    ["bind:foo=ba*", "whole label value"],
    ["bind:=bar", "label key"],
    ["bind:foo=", "label value"],
    ["bind:foo=a b", "label value"],
    [`bind:${"a".repeat(296)}`, "300"],
  ])("%j", (text, problem) => {
    expect(invalid(() => parseAclRule(text))).toBe(true);
    expect(() => parseAclRule(text)).toThrow(problem);
  });
});

describe("a list of rules", () => {
  test("loses duplicates, whatever their spelling, and keeps its order", () => {
    const rules = parseAclRules([
      "bind:b.example",
      "bind:a.example",
      "bind:B.Example",
      "bind:a=b",
      "bind:A=b",
    ]);
    expect(rules.map(formatAclRule)).toEqual(["bind:b.example", "bind:a.example", "bind:a=b", "bind:A=b"]);
  });

  test("has at most 100 entries", () => {
    const texts = Array.from({ length: 101 }, (_, index) => `bind:h${index}.example`);
    expect(parseAclRules(texts.slice(1))).toHaveLength(100);
    expect(invalid(() => parseAclRules(texts))).toBe(true);
  });

  test("names the rule that is wrong by its place, not by its text", () => {
    const secret = "pcat_not-a-rule";
    const parse = (): unknown => parseAclRules(["bind:a.example", secret]);
    expect(parse).toThrow("rule 2:");
    expect(parse).not.toThrow(secret);
  });
});

/** Few names, so that rules and targets meet often. */
const name = fc
  .array(fc.constantFrom("a", "b", "com"), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("."));
const pair = fc.tuple(fc.constantFrom("a", "b"), fc.constantFrom("x", "y"));
const ruleText = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom("*", "bind:*") },
  { weight: 4, arbitrary: name.map((host) => `bind:${host}`) },
  { weight: 6, arbitrary: name.map((host) => `bind:*.${host}`) },
  {
    weight: 4,
    arbitrary: fc.tuple(name, fc.constantFrom(1, 2)).map(([host, port]) => `bind:${host}:${port}`),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom("a", "b", "*"), fc.constantFrom("x", "y", "*"))
      .map(([key, value]) => `bind:${key}=${value}`),
  },
);
const targetText = fc.oneof(
  name,
  name.map((host) => `*.${host}`),
  fc.tuple(name, fc.constantFrom(1, 2)).map(([host, port]) => `${host}:${port}`),
  fc
    .uniqueArray(pair, { minLength: 1, maxLength: 2, selector: ([key]) => key })
    .map((pairs) => pairs.map(([key, value]) => `${key}=${value}`).join(",")),
  fc.constant("random"),
);

/** The same promise in other words: on texts, by parts, from the right. */
function naiveAllows(rules: readonly string[], wanted: string): boolean {
  if (rules.length === 0 || rules.includes("*") || rules.includes("bind:*")) return true;
  const bound = rules.map((rule) => rule.slice(5));
  if (wanted === "random") return false;
  if (wanted.includes("=")) {
    return wanted.split(",").every((label) => {
      const [key, value] = label.split("=");
      return [label, `${key}=*`, `*=${value}`, "*=*"].some((candidate) => bound.includes(candidate));
    });
  }
  if (wanted.includes(":")) return bound.includes(wanted);
  if (bound.includes(wanted)) return true;
  const parts = wanted.split(".");
  return parts.some((_, at) => at > 0 && bound.includes(`*.${parts.slice(at).join(".")}`));
}

describe("for all rules and targets", () => {
  test("the answer is that of a naive matcher", () => {
    let permitted = 0;
    const runs = 20_000;
    fc.assert(
      fc.property(fc.array(ruleText, { maxLength: 5 }), targetText, (rules, wanted) => {
        const answer = allows(rules, wanted);
        permitted += answer ? 1 : 0;
        expect(answer).toBe(naiveAllows(rules, wanted));
      }),
      { numRuns: runs },
    );
    // Both answers must have been met often, else the comparison says little.
    expect(permitted).toBeGreaterThan(runs / 20);
    expect(permitted).toBeLessThan((runs * 19) / 20);
  });

  test("a wildcard never permits its apex, and always every name below it", () => {
    fc.assert(
      fc.property(name, name, (suffix, below) => {
        expect(allows([`bind:*.${suffix}`], suffix)).toBe(false);
        expect(allows([`bind:*.${suffix}`], `${below}.${suffix}`)).toBe(true);
      }),
    );
  });

  test("another rule never takes anything away, save from an empty list", () => {
    fc.assert(
      fc.property(
        fc.array(ruleText, { minLength: 1, maxLength: 4 }),
        ruleText,
        targetText,
        (rules, more, wanted) => {
          fc.pre(allows(rules, wanted));
          expect(allows([...rules, more], wanted)).toBe(true);
        },
      ),
    );
  });

  test("a rule formatted and read again is the same rule", () => {
    const printable = fc.string({ minLength: 1, maxLength: 20 }).map((text) => `bind:${text}`);
    const label = fc.tuple(fc.string(), fc.string()).map(([key, value]) => `bind:${key}=${value}`);
    fc.assert(
      fc.property(
        fc.oneof(
          ruleText,
          fc.domain().map((host) => `bind:${host}`),
          printable,
          label,
        ),
        (text) => {
          fc.pre(!invalid(() => parseAclRule(text)));
          const rule = parseAclRule(text);
          expect(parseAclRule(formatAclRule(rule))).toEqual(rule);
        },
      ),
    );
  });

  test("any text is a rule or a DomainError", () => {
    const near = fc.string({ unit: fc.stringMatching(/^[*.:=/ab0[\] _é-]$/), maxLength: 12 });
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      near,
      near.map((rest) => `bind:${rest}`),
    );
    fc.assert(
      fc.property(text, (candidate) => {
        if (invalid(() => parseAclRule(candidate))) return;
        expect(parseAclRule(candidate)).toBeDefined();
      }),
      { numRuns: 5000 },
    );
  });
});
