import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { DomainError } from "@portcullis/errors";

/**
 * The fields that a mask names, which must be among those that can be updated, and at least one.
 * UPDATE_MASK_INVALID otherwise.
 */
export function parseUpdateMask<Field extends string>(
  mask: FieldMask | undefined,
  updatable: readonly Field[],
): ReadonlySet<Field> {
  const fields = new Set<Field>();
  for (const path of mask?.paths ?? []) {
    const field = updatable.find((name) => name === path);
    if (field === undefined) throw invalid(`update_mask names «${path}»`, updatable, { path });
    fields.add(field);
  }
  if (fields.size === 0) throw invalid("update_mask is empty", updatable, {});
  return fields;
}

function invalid(problem: string, updatable: readonly string[], metadata: Record<string, string>) {
  const message = `${problem}. What can be updated: ${updatable.join(", ")}.`;
  return new DomainError("UPDATE_MASK_INVALID", message, { metadata });
}
