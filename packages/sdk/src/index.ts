export {
  type Checker,
  type CheckerOptions,
  type CheckerSettings,
  createChecker,
  type TokenDecision,
} from "./checking/checker.ts";
export type {
  CheckQuestion,
  Decision,
  DecisionReason,
  ObjectQuestion,
  Subject,
} from "./checking/decision.ts";
export type { BatchItem } from "./checking/messages.ts";
export { type Clients, type ClientsOptions, type ClientsSettings, createClients } from "./clients/clients.ts";
export type { MemoryLimits, NearCacheStats } from "./near-cache/near-cache.ts";
export {
  PortcullisError,
  type PortcullisErrorOptions,
  reasonOf,
  type StatusName,
} from "./portcullis-error.ts";
export type { AddressOptions, TlsOptions } from "./transport/address.ts";
export type { Bearer } from "./transport/bearer.ts";
export type { Ending, Kept } from "./verification/kept-sessions.ts";
export type { Revoked } from "./verification/revocation-watch.ts";
export type {
  Action,
  CredentialKind,
  KeyQuestion,
  Refusal,
  TokenQuestion,
  Verification,
  VerificationBasis,
  VerifiedCredential,
} from "./verification/verification.ts";
export {
  createVerifier,
  type Verifier,
  type VerifierOptions,
  type VerifierSettings,
  type VerifierStats,
} from "./verification/verifier.ts";
