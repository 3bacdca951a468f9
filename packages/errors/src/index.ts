export { DomainError, type DomainErrorOptions } from "./domain-error.ts";
export { type ErrorKind, type ErrorReason, kindOfReason } from "./reasons.ts";
