import { toEnforcement } from "@portcullis/service";

/**
 * What authorization has to say in identity's receipt, once a change is committed: no replica keeps anything in memory,
 * so that none has to be heard. There is no log that it would have a place in.
 */
export function enforcementNow() {
  const settled = {
    at: { generation: "", position: 0 },
    effectiveWallMs: Date.now(),
    method: "acknowledged",
    verifiers: [],
    sessionsClosed: 0,
  } as const;
  return toEnforcement("authorization", settled, undefined);
}
