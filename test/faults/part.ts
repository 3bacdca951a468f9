/** How long a part of the suite is to look for faults of the protocol, and from where. */
export interface Search {
  readonly endsAtMs: number;
  readonly firstSeed: number;
  readonly seedsMax: number;
}

/** What a part has done. Latencies in milliseconds. */
export interface Report {
  readonly seeds: number;
  readonly verifications: number;
  readonly refused: number;
  readonly unavailable: number;
  readonly revocations: number;
  readonly staleAccepts: number;
  readonly receiptLatenciesMs: readonly number[];
  readonly faults: ReadonlyMap<string, number>;
  /** One paragraph each, with the command that shows it again. */
  readonly failures: readonly string[];
  /** What else there is to tell: what, and how much. */
  readonly more?: readonly (readonly [string, string])[];
}

/** A way to run the protocol under faults. */
export interface Part {
  readonly name: string;
  run(search: Search): Promise<Report>;
}
