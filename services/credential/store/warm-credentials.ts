import { deserialize, serialize } from "node:v8";
import type { LogPosition } from "@portcullis/coherence";
import type { WarmKeys, WarmStore } from "@portcullis/coherence/redis";
import type { Locator } from "../domain/credential.ts";
import type { HeldCredential } from "../domain/ports.ts";
import type { WarmCredentials } from "./remembered-credentials.ts";
import { fromCredential, fromSession, toCredential } from "./rows.ts";
import type { CredentialsTable, SessionsTable } from "./schema.ts";

interface Record {
  readonly credential: CredentialsTable;
  readonly session: SessionsTable | undefined;
  readonly account: HeldCredential["account"];
  readonly owner: HeldCredential["owner"];
}

/** Another release may write records of another form: to this one they are not there. */
const form = 1;

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

function write({ credential, account, owner }: HeldCredential): Uint8Array {
  const record: Record = {
    credential: fromCredential(credential),
    session: fromSession(credential),
    account,
    owner,
  };
  return serialize(record);
}

/** Undefined for what this release can't read. That a replica has written it is sure: it is sealed. */
function read(value: Uint8Array): HeldCredential | undefined {
  try {
    // Of `write`, by the seal and the form in the key.
    const { credential, session, account, owner } = deserialize(value) as Record;
    const columns = session && {
      session_group_id: session.group_id,
      session_user_id: session.user_id,
      session_secrets_version: session.secrets_version,
      session_idle_ms: session.idle_ms,
      session_last_used_at: session.last_used_at,
      session_user_agent: session.user_agent,
      session_source_ip: session.source_ip,
    };
    return { credential: toCredential({ ...credential, ...columns }), account, owner };
  } catch {
    return undefined;
  }
}
