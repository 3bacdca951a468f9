import { DomainError } from "@portcullis/errors";

/** Unknown, used and past its time: one answer. */
export function linkInvalid(): DomainError {
  return new DomainError("LINK_INVALID", "This link is not good any more. Ask for a new one.");
}
