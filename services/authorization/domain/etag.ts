import { DomainError } from "@portcullis/errors";

/** Opaque to callers: the version that a change may rest on. */
export function etagOf(resource: { readonly version: number }): string {
  return `v${resource.version}`;
}

/** Throws ETAG_MISMATCH unless the caller sent none, or the present one. */
export function requireEtag(resource: { readonly version: number }, etag: string | undefined): void {
  if (etag === undefined || etag === etagOf(resource)) return;
  throw new DomainError(
    "ETAG_MISMATCH",
    "It was changed since you read it. Read it again and repeat the change.",
  );
}
