import { DomainError } from "@portcullis/errors";

/** REVISION_UNKNOWN unless what was read is of the revision wanted, or a later one. */
export function requireRevision(revision: number, minRevision: number): void {
  if (revision >= minRevision) return;
  throw new DomainError(
    "REVISION_UNKNOWN",
    "There is no such revision yet. Send a min_revision that an answer of this service gave out.",
    { metadata: { revision: String(revision) } },
  );
}
