import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import type { RedisConnection } from "@portcullis/redis";
import { Cluster } from "ioredis";
import type { LogPosition } from "../log-entry.ts";

/** A value as it was read from the authority, at that position. Its age is for the fill fence to judge. */
export interface WarmRecord extends LogPosition {
  readonly value: Uint8Array;
}

/** What a generation's records are sealed with: what a sync or a write tells of the log. */
export interface WarmKeys {
  readonly generation: string;
  readonly channelKey: Uint8Array;
}

/**
 * What replicas have read lately, for one that starts or has forgotten: it need not ask the authority for all of it
 * at once. It may forget, answer late and be full of old records, but it has none that a replica did not put there
 * for that key: a record is to be remembered under a lease only, with the position that it carries.
 */
export interface WarmStore {
  /** What is there for these keys in that generation. Never rejects: what can't be read is not there. */
  get(keys: readonly string[], sealedWith: WarmKeys): Promise<ReadonlyMap<string, WarmRecord>>;
  /** Never rejects. Values that are too long are left out. */
  put(records: ReadonlyMap<string, Omit<WarmRecord, "generation">>, sealedWith: WarmKeys): Promise<void>;
}

export interface WarmStoreOptions {
  /** With a short `commandTimeoutMs`: the authority could have answered meanwhile. */
  readonly redis: Pick<RedisConnection, "client">;
  /** Whose log the records are stamped by. */
  readonly service: string;
  /** Default 10 minutes. */
  readonly ttlMs?: number;
  /** Default 16 KiB. */
  readonly valueBytesMax?: number;
}

const nonceBytes = 12;
const tagBytes = 16;
const positionBytes = 8;
const headBytes = nonceBytes + tagBytes;
/** In a cluster the records lie in so many slots, so that one command can read several. */
const slots = 16;

/** Records in Redis, encrypted and bound to key and generation: who can only write there can plant nothing. */
export function createWarmStore(options: WarmStoreOptions): WarmStore {
  const { redis, service, ttlMs = 600_000, valueBytesMax = 16_384 } = options;
  const { client } = redis;
  let secrets: { readonly of: WarmKeys; readonly seal: KeyObject; readonly name: KeyObject } | undefined;

  const secretsOf = (of: WarmKeys) => {
    const isKnown =
      secrets?.of.generation === of.generation && Buffer.compare(secrets.of.channelKey, of.channelKey) === 0;
    if (secrets === undefined || !isKnown) {
      secrets = { of, seal: derived(of, "seal"), name: derived(of, "name") };
    }
    return secrets;
  };

  /** Hashed: of bounded length, and Redis need not know what is asked for. */
  const nameOf = (key: string, secret: KeyObject) => {
    const digest = createHmac("sha256", secret).update(key).digest();
    return `{portcullis:warm:${service}:${(digest[0] ?? 0) % slots}}:${digest.toString("base64url")}`;
  };

  const read = async (names: readonly string[]): Promise<(Buffer | null)[]> => {
    if (!(client instanceof Cluster)) return client.mgetBuffer(...names);
    const indexes = Map.groupBy(names.keys(), (index) => names[index]?.split("}")[0]);
    const found = names.map((): Buffer | null => null);
    const reading = [...indexes.values()].map(async (group) => {
      const values = await client.mgetBuffer(...group.map((index) => names[index] ?? ""));
      for (const [at, index] of group.entries()) found[index] = values[at] ?? null;
    });
    await Promise.all(reading);
    return found;
  };

  return {
    async get(keys, sealedWith) {
      const found = new Map<string, WarmRecord>();
      if (keys.length === 0 || client.status !== "ready") return found;
      const { seal, name } = secretsOf(sealedWith);
      const { generation } = sealedWith;
      const sealed = await read(keys.map((key) => nameOf(key, name))).catch(() => []);
      for (const [index, key] of keys.entries()) {
        const opened = openSealed(sealed[index], seal, boundTo(generation, key));
        if (opened !== undefined) found.set(key, { ...opened, generation });
      }
      return found;
    },

    async put(records, sealedWith) {
      if (client.status !== "ready") return;
      const { seal, name } = secretsOf(sealedWith);
      const writing = [...records]
        .filter(([, { value }]) => value.length <= valueBytesMax)
        .map(([key, record]) => {
          const sealed = sealRecord(record, seal, boundTo(sealedWith.generation, key));
          return client.set(nameOf(key, name), sealed, "PX", ttlMs);
        });
      await Promise.allSettled(writing);
    },
  };
}

/** A key that is made once: from bytes Node would make it anew for each record. */
function derived({ generation, channelKey }: WarmKeys, purpose: string): KeyObject {
  const info = `portcullis warm records: ${purpose}`;
  return createSecretKey(Buffer.from(hkdfSync("sha256", channelKey, generation, info, 32)));
}

function boundTo(generation: string, key: string): Buffer {
  return Buffer.from(JSON.stringify([generation, key]));
}

function sealRecord(
  { value, position }: Omit<WarmRecord, "generation">,
  secret: KeyObject,
  bound: Buffer,
): Buffer {
  const nonce = randomBytes(nonceBytes);
  const stamp = Buffer.alloc(positionBytes);
  stamp.writeBigUInt64BE(BigInt(position));
  const cipher = createCipheriv("aes-256-gcm", secret, nonce).setAAD(bound);
  const content = Buffer.concat([cipher.update(stamp), cipher.update(value), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), content]);
}

/** Undefined for whatever was not sealed with that secret for that key. */
function openSealed(
  sealed: Buffer | null | undefined,
  secret: KeyObject,
  bound: Buffer,
): Omit<WarmRecord, "generation"> | undefined {
  if (sealed === null || sealed === undefined || sealed.length < headBytes + positionBytes) return undefined;
  const nonce = sealed.subarray(0, nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", secret, nonce, { authTagLength: tagBytes }).setAAD(bound);
  decipher.setAuthTag(sealed.subarray(nonceBytes, headBytes));
  try {
    const content = Buffer.concat([decipher.update(sealed.subarray(headBytes)), decipher.final()]);
    const position = Number(content.readBigUInt64BE());
    return { position, value: content.subarray(positionBytes) };
  } catch {
    return undefined;
  }
}
