import type { Scope } from "@portcullis/coherence";
import type { Locator } from "../domain/credential.ts";
import type { HeldCredential } from "../domain/held-credential.ts";
import type { Basis, Derived, Finding } from "../domain/ports.ts";
import { locatorScope, scopesOf } from "./scopes.ts";
import type { SharedStrings } from "./shared-strings.ts";

/** What is kept of a credential, in one shape wherever it was read, and with one copy of what many have in common. */
export class RememberedCredential implements HeldCredential, Derived {
  readonly accountId: HeldCredential["accountId"];
  readonly id: HeldCredential["id"];
  readonly ownerId: HeldCredential["ownerId"];
  readonly locator: Locator;
  readonly kind: HeldCredential["kind"];
  readonly secretHash: HeldCredential["secretHash"];
  readonly metadata: string;
  readonly aclRules: HeldCredential["aclRules"];
  readonly allowedIpRanges: HeldCredential["allowedIpRanges"];
  readonly expiresAtMs: number | undefined;
  readonly isRevoked: boolean;
  readonly session: HeldCredential["session"];
  readonly accountState: HeldCredential["accountState"];
  readonly ownerKind: HeldCredential["ownerKind"];
  readonly ownerState: HeldCredential["ownerState"];
  readonly ownerVersion: number;
  answer: string | undefined;

  constructor(held: HeldCredential, strings: SharedStrings) {
    this.accountId = strings.share(held.accountId);
    this.id = held.id;
    this.ownerId = strings.share(held.ownerId);
    this.locator = held.locator;
    this.kind = strings.share(held.kind);
    this.secretHash = held.secretHash;
    this.metadata = held.metadata;
    this.aclRules = held.aclRules.length === 0 ? none : held.aclRules;
    this.allowedIpRanges = held.allowedIpRanges.length === 0 ? none : held.allowedIpRanges;
    this.expiresAtMs = held.expiresAtMs;
    this.isRevoked = held.isRevoked;
    this.session = held.session;
    this.accountState = strings.share(held.accountState);
    this.ownerKind = strings.share(held.ownerKind);
    this.ownerState = strings.share(held.ownerState);
    this.ownerVersion = held.ownerVersion;
    this.answer = undefined;
  }
}

const none: readonly never[] = Object.freeze([]);

/** What memory has found, or what it now knows. */
export class RememberedFinding implements Finding {
  readonly held: RememberedCredential | undefined;
  readonly basis: Basis;
  readonly #locator: Locator;

  constructor(locator: Locator, held: RememberedCredential | undefined, basis: Basis) {
    this.held = held;
    this.basis = basis;
    this.#locator = locator;
  }

  get derived(): Derived | undefined {
    return this.held;
  }

  get scopes(): readonly Scope[] {
    return scopesFor(this.#locator, this.held);
  }
}

/** What a memory of it depends on. */
export function scopesFor(locator: Locator, held: HeldCredential | undefined): readonly Scope[] {
  return held === undefined ? [locatorScope(locator)] : scopesOf(held);
}

/** A copy that shares no memory with the text that it was cut from. */
export function flat(locator: Locator): Locator {
  return Buffer.from(locator, "latin1").toString("latin1") as Locator; // all of it is ASCII
}

/** Of an entry for nothing: key and ties. */
export const absentBytes = 300;

/** What objects, strings and ties of a credential take, its answer included, by measurement of heaps full of them. */
export function bytesOf({ metadata, aclRules, allowedIpRanges, session }: HeldCredential): number {
  const ofSession = session === undefined ? 0 : sessionBytes;
  return credentialBytes + 3 * metadata.length + ofSession + 300 * (aclRules.length + allowedIpRanges.length);
}

const credentialBytes = 1_000;
const sessionBytes = 500;
