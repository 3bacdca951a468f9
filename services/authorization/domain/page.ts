export interface Page {
  readonly size: number;
  /** What the page before ended with; empty for the first. */
  readonly token: string;
}

export interface PageOf<T> {
  readonly items: readonly T[];
  /** Empty on the last page. */
  readonly nextToken: string;
}
