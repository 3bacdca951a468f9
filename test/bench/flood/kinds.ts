export const floodKinds = [
  "garbage tokens",
  "unknown tokens of the right form",
  "callers that prove nothing",
  "new connections",
  "connections that say nothing",
  "huge batches",
  "messages that are too large",
  "streams that never end",
] as const;
export type FloodKind = (typeof floodKinds)[number];

/** Whom to flood, and how. */
export interface FloodSettings {
  readonly kind: FloodKind;
  readonly host: string;
  readonly port: number;
  readonly bearer: string;
}

/** How often it was answered with what. */
export type Outcomes = Readonly<Record<string, number>>;
