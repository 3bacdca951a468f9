/** How figures are told in all parts. */
export function count(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: 0 });
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** NaN of nothing. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

/** Median, least and most. */
export function spread(values: readonly number[], digits: number): string {
  const text = (value: number) => value.toLocaleString("en", { maximumFractionDigits: digits });
  return `${text(median(values))} (${text(Math.min(...values))} – ${text(Math.max(...values))})`;
}
