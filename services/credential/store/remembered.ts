import type { Scope } from "@portcullis/coherence";
import type { Locator } from "../domain/credential.ts";
import type { HeldCredential } from "../domain/held-credential.ts";
import type { Basis, Derived, Finding } from "../domain/ports.ts";
import { locatorScope, scopesOf } from "./scopes.ts";
import type { SharedStrings } from "./shared-strings.ts";

/** What is kept of a credential, or of there being none. */
export class Remembered implements Derived {
  readonly held: HeldCredential | undefined;
  answer: string | undefined;

  constructor(held: HeldCredential | undefined) {
    this.held = held;
    this.answer = undefined;
  }
}

/** What memory has found. */
export class RememberedFinding implements Finding {
  readonly derived: Remembered;
  readonly basis: Basis;
  readonly #locator: Locator;

  constructor(derived: Remembered, basis: Basis, locator: Locator) {
    this.derived = derived;
    this.basis = basis;
    this.#locator = locator;
  }

  get held(): HeldCredential | undefined {
    return this.derived.held;
  }

  get scopes(): readonly Scope[] {
    return scopesFor(this.#locator, this.held);
  }
}

/** What a memory of it depends on. */
export function scopesFor(locator: Locator, held: HeldCredential | undefined): readonly Scope[] {
  return held === undefined ? [locatorScope(locator)] : scopesOf(held);
}

/** The same, in one shape wherever it was read, and with one copy of what many have in common. */
export function compact(held: HeldCredential, strings: SharedStrings): HeldCredential {
  return {
    accountId: strings.share(held.accountId),
    id: held.id,
    ownerId: strings.share(held.ownerId),
    locator: held.locator,
    kind: strings.share(held.kind),
    secretHash: held.secretHash,
    metadata: held.metadata,
    aclRules: held.aclRules.length === 0 ? none : held.aclRules,
    allowedIpRanges: held.allowedIpRanges.length === 0 ? none : held.allowedIpRanges,
    expiresAtMs: held.expiresAtMs,
    isRevoked: held.isRevoked,
    session: held.session,
    accountState: strings.share(held.accountState),
    ownerKind: strings.share(held.ownerKind),
    ownerState: strings.share(held.ownerState),
    ownerVersion: held.ownerVersion,
  };
}

const none: readonly never[] = Object.freeze([]);

/** A copy that shares no memory with the text that it was cut from. */
export function flat(locator: Locator): Locator {
  return Buffer.from(locator, "latin1").toString("latin1") as Locator; // all of it is ASCII
}

/** Of an entry for nothing: key and ties. */
export const absentBytes = 300;

/** What objects, strings and ties of a credential take, its answer included, by measurement of heaps full of them. */
export function bytesOf({ held }: Remembered): number {
  if (held === undefined) return absentBytes;
  const { metadata, aclRules, allowedIpRanges, session } = held;
  const ofSession = session === undefined ? 0 : sessionBytes;
  return credentialBytes + 3 * metadata.length + ofSession + 300 * (aclRules.length + allowedIpRanges.length);
}

const credentialBytes = 1_000;
const sessionBytes = 500;
