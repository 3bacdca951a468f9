import { deserialize, serialize } from "node:v8";
import type { LogPosition } from "@portcullis/coherence";
import type { WarmKeys, WarmStore } from "@portcullis/coherence/redis";
import { formatAclRule, parseAclRules } from "../domain/acl.ts";
import type { Locator } from "../domain/credential.ts";
import type { HeldCredential } from "../domain/held-credential.ts";
import { parseIpRanges } from "../domain/ip-range.ts";
import type { WarmCredentials } from "./remembered-credentials.ts";

type Record = Omit<HeldCredential, "aclRules" | "allowedIpRanges"> & {
  readonly aclRules: readonly string[];
  readonly allowedIpRanges: readonly string[];
};

/** Another release may write records of another form: to this one they are not there. */
const form = 2;

/** Credentials as replicas have read them lately, in Redis. `keys` are undefined while none can be read. */
export function createWarmCredentials(records: WarmStore, keys: () => WarmKeys | undefined): WarmCredentials {
  return {
    async get(locators) {
      const found = new Map<Locator, { readonly held: HeldCredential; readonly readAt: LogPosition }>();
      const sealedWith = keys();
      if (sealedWith === undefined) return found;
      const byKey = new Map(locators.map((locator) => [keyOf(locator), locator]));
      for (const [key, { value, position, generation }] of await records.get([...byKey.keys()], sealedWith)) {
        const held = read(value);
        const locator = byKey.get(key);
        if (held === undefined || locator === undefined) continue;
        found.set(locator, { held, readAt: { generation, position } });
      }
      return found;
    },
    put(locator, held, { generation, position }) {
      const sealedWith = keys();
      if (sealedWith?.generation !== generation) return;
      void records.put(new Map([[keyOf(locator), { value: write(held), position }]]), sealedWith);
    },
  };
}

const keyOf = (locator: Locator) => `held:${form}:${locator}`;

function write({ aclRules, allowedIpRanges, ...held }: HeldCredential): Uint8Array {
  const record: Record = {
    ...held,
    aclRules: aclRules.map(formatAclRule),
    allowedIpRanges: allowedIpRanges.map(({ text }) => text),
  };
  return serialize(record);
}

/** Undefined for what this release can't read. That a replica has written it is sure: it is sealed. */
function read(value: Uint8Array): HeldCredential | undefined {
  try {
    // Of `write`, by the seal and the form in the key.
    const { aclRules, allowedIpRanges, ...held } = deserialize(value) as Record;
    return {
      ...held,
      aclRules: parseAclRules(aclRules),
      allowedIpRanges: parseIpRanges(allowedIpRanges),
    };
  } catch {
    return undefined;
  }
}
