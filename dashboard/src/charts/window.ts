/** Bars that the chart itself holds: its cost grows with what is loaded, not with what is seen (measured). */
export const VIEW_BARS = 5_000;

/** Half-open range of places. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The window of `count` places that the chart should hold while `seen` is looked at: `most` places, more where
 * one looks at more, centred on what is seen. The held window stays while what is seen keeps a margin to its
 * ends, so that a drag does not rebuild the chart at every step.
 */
export function windowFor(count: number, held: Span, seen: Span, most = VIEW_BARS): Span {
  const width = Math.max(0, seen.to - seen.from);
  const size = Math.min(count, Math.max(most, Math.ceil(width * 1.5)));
  const margin = Math.min(size / 5, Math.max(50, width / 4));
  const fits =
    held.to <= count &&
    held.to - held.from <= size * 1.2 &&
    held.to - held.from >= Math.min(count, width) &&
    (held.from === 0 || seen.from - held.from >= margin) &&
    (held.to === count || held.to - seen.to >= margin);
  if (fits) return held;
  const middle = (seen.from + seen.to) / 2;
  const from = Math.max(0, Math.min(count - size, Math.round(middle - size / 2)));
  return { from, to: from + size };
}
