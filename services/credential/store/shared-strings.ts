/**
 * One copy of each text that many remembered things have in common: what comes from a database is a copy each time.
 * Those that were not asked for lately are forgotten; who has one keeps it.
 */
export class SharedStrings {
  readonly #max: number;
  #recent = new Map<string, string>();
  #earlier = new Map<string, string>();

  /** Keeps at least the last `max` of them, and at most twice as many. */
  constructor(max: number) {
    this.#max = max;
  }

  share<Text extends string>(text: Text): Text {
    const known = this.#recent.get(text) ?? this.#earlier.get(text) ?? text;
    if (this.#recent.size >= this.#max) {
      this.#earlier = this.#recent;
      this.#recent = new Map();
    }
    this.#recent.set(known, known);
    return known as Text; // equal to it
  }
}
