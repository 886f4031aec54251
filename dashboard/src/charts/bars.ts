import type { Columns } from "../api/client";

/** One bar. `time`: its open, in seconds UTC. Prices in quote units, volume in base units. */
export interface Bar {
  readonly time: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Null where it is not known. */
  readonly volume: number | null;
  /** False while it forms: its figures are those so far. */
  readonly closed: boolean;
}

const ZONELESS = /^\d{4}-\d\d-\d\d[T ][\d:.]+$/;

/** A moment as the API gives it (RFC 3339, or milliseconds) in seconds; null where there is none. Without a zone: UTC. */
export function seconds(value: unknown): number | null {
  if (typeof value === "number") return value / 1_000;
  if (typeof value !== "string") return null;
  const moment = Date.parse(ZONELESS.test(value) ? `${value}Z` : value);
  return Number.isNaN(moment) ? null : moment / 1_000;
}

/** Bars of an answer, ascending. Rows without a whole price are left out: a bar is never made up. */
export function barsOf(answer: Columns): Bar[] {
  const { ts = [], open = [], high = [], low = [], close = [], volume = [] } = answer.columns;
  const bars: Bar[] = [];
  for (let row = 0; row < answer.rows; row++) {
    const time = seconds(ts[row]);
    const prices = [open[row], high[row], low[row], close[row]];
    if (time === null || !prices.every(Number.isFinite)) continue;
    const [o, h, l, c] = prices as [number, number, number, number];
    const size = volume[row];
    bars.push({ time, open: o, high: h, low: l, close: c, volume: Number.isFinite(size) ? (size as number) : null, closed: true });
  }
  bars.sort((a, b) => a.time - b.time);
  // one bar a time: the axis stands on it
  return bars.filter((bar, place) => bar.time !== bars[place + 1]?.time);
}

/**
 * Two ascending lists as one: at one time the bar that arrived counts, but a forming bar never replaces a
 * closed one. The left list is returned itself where nothing changes.
 */
export function mergeBars(held: readonly Bar[], arrived: readonly Bar[]): readonly Bar[] {
  if (arrived.length === 0) return held;
  const first = arrived[0] as Bar;
  const last = held[held.length - 1];
  if (last === undefined) return arrived;
  if (first.time > last.time) return [...held, ...arrived];
  const merged: Bar[] = [];
  let left = 0;
  let right = 0;
  while (left < held.length || right < arrived.length) {
    const old = held[left];
    const young = arrived[right];
    if (young === undefined || (old !== undefined && old.time < young.time)) {
      merged.push(old as Bar);
      left++;
    } else if (old === undefined || young.time < old.time) {
      merged.push(young);
      right++;
    } else {
      merged.push(old.closed && !young.closed ? old : young);
      left++;
      right++;
    }
  }
  return merged;
}

/** Where a time is or would be in an ascending list: the first place that is not before it. */
export function placeOf(items: readonly { readonly time: number }[], time: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle] as { time: number }).time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
