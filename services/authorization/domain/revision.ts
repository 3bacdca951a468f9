import { DomainError } from "@portcullis/errors";

/** REVISION_UNKNOWN unless what was read is of the revision wanted, or a later one. */
export function requireRevision(revision: number, minRevision: number): void {
  if (revision >= minRevision) return;
  throw new DomainError(
    "REVISION_UNKNOWN",
    "The account has no such revision yet. Send a min_revision that an answer about this account gave out.",
    { metadata: { revision: String(revision) } },
  );
}
