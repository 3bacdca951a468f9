/** The protocol's times. Every process of an installation uses the same. */
export interface Timing {
  /** D: how long what was known at the start of a sync may be answered from memory. Milliseconds. */
  readonly leaseMs: number;
  /** rho: how much faster or slower than true time a monotonic clock may run. Parts per million. */
  readonly driftPpm: number;
  /** What a writer waits beyond the lease, in milliseconds. */
  readonly marginMs: number;
  /** How far the two clocks may come apart within one lease before one of them is taken to have jumped. */
  readonly jumpMsMax: number;
}

/** The defaults of the design. (revocation.md, I1 and I3) */
export const defaultTiming: Timing = { leaseMs: 1_000, driftPpm: 500, marginMs: 25, jumpMsMax: 100 };

/** After so long, by the writer's clock, every lease of `leaseMs` that began before has ended by its holder's. */
export function leaseOverAfterMs(leaseMs: number, timing: Timing): number {
  return leaseMs * (1 + (2 * timing.driftPpm) / 1_000_000) + timing.marginMs;
}
