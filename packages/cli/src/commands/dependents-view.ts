import type { Dependents } from "@portcullis/contracts/portcullis/common/v1/principal_pb.ts";
import type { Field } from "../output/view.ts";

/** What a dry run tells beside the thing itself. */
export function wouldStop(dependents: readonly Dependents[]): Field {
  const counts = dependents.map(({ kind, count }) => `${count} ${kind.replaceAll("_", " ")}`);
  return ["Would stop working", counts.length === 0 ? "nothing" : counts.join(", ")];
}
