import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto";
import type { LogPosition } from "./log-entry.ts";
import { everything, type Scope } from "./scope.ts";

/** What a writer tells every replica right after its commit. */
export interface Push extends LogPosition {
  /** Where acknowledgements go. */
  readonly writer: string;
  /** What the entry at that position touches; undefined for a mere question whether the replica has got that far. */
  readonly scopes: readonly Scope[] | undefined;
}

/** A replica's word that none of its answers is of before that position any more. */
export interface Acknowledgement extends LogPosition {
  readonly replica: string;
  readonly incarnation: string;
  /** How many open sessions the replica has ended for the entry at exactly that position. */
  readonly sessionsClosed: number;
}

/** More scopes than that are sent as `everything`. */
const scopesMax = 1_000;
/** Longer texts are not looked at. Characters. */
const textMax = 512 * 1024;

/**
 * The text of a push. Signed with the key that the authority keeps: who can only reach the channel can neither
 * make a replica believe that it has seen an entry, nor make a writer believe that it was acknowledged.
 */
export function encodePush({ generation, position, writer, scopes }: Push, key: Uint8Array): string {
  const sent = scopes !== undefined && scopes.length > scopesMax ? [everything] : (scopes ?? null);
  return sign(JSON.stringify(["push", generation, position, writer, sent]), key);
}

/** Undefined for whatever is not the text of a push made with that key. */
export function decodePush(text: string, key: Uint8Array): Push | undefined {
  const [kind, generation, position, writer, scopes, ...rest] = open(text, key);
  if (kind !== "push" || rest.length > 0 || !isText(generation) || !isText(writer)) return undefined;
  if (!isPosition(position)) return undefined;
  if (scopes === null) return { generation, position, writer, scopes: undefined };
  if (!Array.isArray(scopes) || !scopes.every(isText)) return undefined;
  // Of the authority's own making, as the signature shows.
  return { generation, position, writer, scopes: scopes as unknown as readonly Scope[] };
}

export function encodeAcknowledgement(ack: Acknowledgement, key: Uint8Array): string {
  const { generation, position, replica, incarnation, sessionsClosed } = ack;
  return sign(JSON.stringify(["ack", generation, position, replica, incarnation, sessionsClosed]), key);
}

/** Undefined for whatever is not the text of an acknowledgement made with that key. */
export function decodeAcknowledgement(text: string, key: Uint8Array): Acknowledgement | undefined {
  const [kind, generation, position, replica, incarnation, sessionsClosed, ...rest] = open(text, key);
  if (kind !== "ack" || rest.length > 0) return undefined;
  if (!isText(generation) || !isText(replica) || !isText(incarnation)) return undefined;
  if (!isPosition(position) || !isPosition(sessionsClosed)) return undefined;
  return { generation, position, replica, incarnation, sessionsClosed };
}

/** The generation that a text claims to be of, true or not: what to look for a key by. */
export function generationOf(text: string): string | undefined {
  const generation = parse(text.slice(text.indexOf(".") + 1))[1];
  return isText(generation) ? generation : undefined;
}

/** Ten times faster than with the bytes, each time. */
const keyObjects = new WeakMap<Uint8Array, KeyObject>();

function digestOf(content: string, key: Uint8Array): Buffer {
  let keyObject = keyObjects.get(key);
  if (keyObject === undefined) {
    keyObject = createSecretKey(key);
    keyObjects.set(key, keyObject);
  }
  return createHmac("sha256", keyObject).update(content).digest();
}

function sign(content: string, key: Uint8Array): string {
  return `${digestOf(content, key).toString("base64url")}.${content}`;
}

function open(text: string, key: Uint8Array): readonly unknown[] {
  const dot = text.indexOf(".");
  if (dot === -1 || text.length > textMax) return [];
  const content = text.slice(dot + 1);
  const claimed = Buffer.from(text.slice(0, dot), "base64url");
  const digest = digestOf(content, key);
  if (claimed.length !== digest.length || !timingSafeEqual(claimed, digest)) return [];
  return parse(content);
}

function parse(content: string): readonly unknown[] {
  if (content.length > textMax) return [];
  try {
    const parsed: unknown = JSON.parse(content);
    return Array.isArray(parsed) ? parsed : [];
  } catch {
    return [];
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isPosition = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
