import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Enforcement,
  EnforcementMethod,
  EnforcementSchema,
  type Verifier,
  VerifierOutcome,
} from "@portcullis/contracts/portcullis/common/v1/receipt_pb.ts";
import { latestOf } from "./statement.ts";

/** How a change was found to be in force in one service: a settlement of packages/coherence fits. */
export interface SettledChange {
  readonly at: { readonly generation: string; readonly position: number };
  /** By the service's wall clock, milliseconds since 1970. */
  readonly effectiveWallMs: number;
  readonly method: "acknowledged" | "waited";
  readonly verifiers: readonly {
    readonly replica: string;
    readonly outcome: "acknowledged" | "lease_over";
  }[];
  readonly sessionsClosed: number;
}

/**
 * What a service has to say of a change that is in force. `committedWallMs` is by the same clock as the settlement;
 * undefined where the service found nothing to change, and only waited for what was there.
 */
export function toEnforcement(
  service: string,
  settled: SettledChange,
  committedWallMs: number | undefined,
): Enforcement {
  // The wall clock may have been set back in between.
  const effectiveWallMs = Math.max(settled.effectiveWallMs, committedWallMs ?? settled.effectiveWallMs);
  return create(EnforcementSchema, {
    service,
    generation: settled.at.generation,
    revision: BigInt(settled.at.position),
    ...(committedWallMs === undefined ? {} : { commitTime: timestampFromMs(committedWallMs) }),
    effectiveTime: timestampFromMs(effectiveWallMs),
    method: methods[settled.method],
    verifiers: settled.verifiers.map(({ replica, outcome }) => ({
      replicaId: replica,
      outcome: outcomes[outcome],
    })),
    sessionsClosed: BigInt(settled.sessionsClosed),
  });
}

const methods = {
  acknowledged: EnforcementMethod.ACKNOWLEDGED,
  waited: EnforcementMethod.WAITED,
} as const;

const outcomes = {
  acknowledged: VerifierOutcome.ACKNOWLEDGED,
  lease_over: VerifierOutcome.LEASE_OVER,
} as const;

/**
 * What several services have to say, as one list in the order of their names. Where a service has spoken more than
 * once of the same log, e.g. of a principal and of its sessions, its words become one that claims no more than each
 * of them: in force since the later, by the weaker method, of all replicas.
 */
export function mergeEnforcements(...lists: readonly (readonly Enforcement[])[]): Enforcement[] {
  const merged = new Map<string, Enforcement>();
  for (const enforcement of lists.flat()) {
    const log = JSON.stringify([enforcement.service, enforcement.generation]);
    const before = merged.get(log);
    merged.set(log, before === undefined ? clone(EnforcementSchema, enforcement) : both(before, enforcement));
  }
  return [...merged.values()].toSorted((a, b) =>
    a.service < b.service ? -1 : a.service > b.service ? 1 : 0,
  );
}

function both(a: Enforcement, b: Enforcement): Enforcement {
  const [earlier, later] = a.revision <= b.revision ? [a, b] : [b, a];
  const commitTime = latestOf([earlier.commitTime, later.commitTime]);
  const effectiveTime = latestOf([earlier.effectiveTime, later.effectiveTime]);
  // Of the same revision both have heard of the same sessions.
  const sessionsClosed =
    a.revision === b.revision
      ? larger(a.sessionsClosed, b.sessionsClosed)
      : a.sessionsClosed + b.sessionsClosed;
  return create(EnforcementSchema, {
    service: later.service,
    generation: later.generation,
    revision: later.revision,
    ...(commitTime === undefined ? {} : { commitTime }),
    ...(effectiveTime === undefined ? {} : { effectiveTime }),
    method: weakerMethod(a.method, b.method),
    verifiers: allVerifiers([...earlier.verifiers, ...later.verifiers]),
    sessionsClosed,
  });
}

/** What was not said stays unsaid, so that nobody signs it. */
function weakerMethod(a: EnforcementMethod, b: EnforcementMethod): EnforcementMethod {
  if (a === EnforcementMethod.ACKNOWLEDGED) return b;
  return b === EnforcementMethod.UNSPECIFIED ? b : a;
}

function allVerifiers(all: readonly Verifier[]): Verifier[] {
  const byReplica = new Map<string, Verifier>();
  for (const verifier of all) {
    const before = byReplica.get(verifier.replicaId);
    if (before === undefined || before.outcome === VerifierOutcome.ACKNOWLEDGED) {
      byReplica.set(verifier.replicaId, verifier);
    }
  }
  return [...byReplica.values()];
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
