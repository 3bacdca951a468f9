/** Numbers that look random, the same for the same seed. */
export interface Random {
  /** From 0 to 1, without 1. */
  next(): number;
  /** From `min` to `max`, without `max`. */
  between(min: number, max: number): number;
  /** One of them, each as likely. */
  pick<T>(items: readonly [T, ...T[]]): T;
}

/** mulberry32 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    next,
    between: (min, max) => min + next() * (max - min),
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
  };
}
