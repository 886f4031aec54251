/**
 * The grid of the heatmap: columns of time, rows of price that never move. Pure.
 *
 * Row i holds prices from r^(i x merged) to below r^((i + 1) x merged), r = 1 + bin_bps / 10,000. What is not known is
 * NaN, what is empty is 0: they are drawn differently.
 */

/** What rested at a moment, as `book/heatmap` gives it. Sizes go from the row of mid outwards. */
export interface DepthColumn {
  /** Milliseconds since 1970 UTC. */
  readonly from: number;
  readonly until: number;
  readonly mid: number;
  readonly midRow: number;
  readonly bids: readonly number[];
  readonly asks: readonly number[];
  readonly binBps: number;
  readonly merged: number;
}

export interface Scale {
  readonly binBps: number;
  readonly merged: number;
}

export interface Rows {
  readonly lowest: number;
  readonly count: number;
}

/** ln of a row's height. */
export function heightOf({ binBps, merged }: Scale): number {
  return merged * Math.log1p(binBps / 1e4);
}

/** Lowest price of a row. */
export function priceOf(row: number, scale: Scale): number {
  return Math.exp(row * heightOf(scale));
}

export function rowOf(price: number, scale: Scale): number {
  return Math.floor(Math.log(price) / heightOf(scale));
}

export function sameScale(a: Scale, b: Scale): boolean {
  return a.binBps === b.binBps && a.merged === b.merged;
}

/** The rows that columns reach over; null without any. */
export function rowsOfColumns(columns: readonly DepthColumn[]): Rows | null {
  let lowest = Infinity;
  let highest = -Infinity;
  for (const each of columns) {
    lowest = Math.min(lowest, each.midRow - Math.max(each.bids.length, 1) + 1);
    highest = Math.max(highest, each.midRow + Math.max(each.asks.length, 1) - 1);
  }
  return lowest > highest ? null : { lowest, count: highest - lowest + 1 };
}

/** Size in each row, from the lowest up: bids and asks of the row of mid together, NaN where it is unknown. */
export function cellsOf(column: DepthColumn, rows: Rows): Float32Array {
  const cells = new Float32Array(rows.count).fill(Number.NaN);
  const put = (row: number, size: number) => {
    const at = row - rows.lowest;
    if (at < 0 || at >= rows.count) return;
    const before = cells[at] ?? Number.NaN;
    cells[at] = Number.isNaN(before) ? size : before + size;
  };
  column.bids.forEach((size, away) => put(column.midRow - away, size));
  column.asks.forEach((size, away) => put(column.midRow + away, size));
  return cells;
}

/** Columns of a window: each a slot of the same length. */
export interface Slots {
  /** Start of the first one, milliseconds; a multiple of `step`. */
  readonly first: number;
  readonly step: number;
  readonly count: number;
}

/** Slots that end with the one of `now`. A step is whole seconds, as the axis counts in them. */
export function slotsUntil(now: number, length: number, most: number): Slots {
  const step = Math.max(1, Math.ceil(length / most / 1000)) * 1000;
  const count = Math.min(most, Math.ceil(length / step));
  const last = Math.floor(now / step) * step;
  return { first: last - (count - 1) * step, step, count };
}

/** How many slots later the window that ends now is. */
export function shiftOf(slots: Slots, now: number): number {
  return Math.max(0, Math.floor(now / slots.step) - (slots.first / slots.step + slots.count - 1));
}

export function shifted(slots: Slots, by: number): Slots {
  return { ...slots, first: slots.first + by * slots.step };
}

/**
 * The column that each slot shows: the newest that was the book's state at the slot's end, or at some time in it.
 * null: at no time in it was anything known. Columns in order of time.
 */
export function bySlot(columns: readonly DepthColumn[], slots: Slots): (DepthColumn | null)[] {
  const shown: (DepthColumn | null)[] = new Array<DepthColumn | null>(slots.count).fill(null);
  for (const each of columns) {
    const from = Math.max(0, Math.floor((each.from - slots.first) / slots.step));
    const until = Math.min(slots.count, Math.ceil((each.until - slots.first) / slots.step));
    for (let at = from; at < until; at += 1) shown[at] = each;
  }
  return shown;
}

/** The sizes between which colours run: a share of the known, full cells lies below each; null without any. */
export function boundsOf(columns: readonly DepthColumn[]): { readonly low: number; readonly high: number } | null {
  const sizes: number[] = [];
  const step = Math.max(1, Math.floor(columns.length / 20)); // twenty columns tell enough
  for (let at = columns.length - 1; at >= 0; at -= step) {
    const each = columns[at];
    if (each) for (const side of [each.bids, each.asks]) for (const size of side) if (size > 0) sizes.push(size);
  }
  if (sizes.length === 0) return null;
  sizes.sort((a, b) => a - b);
  const at = (share: number) => sizes[Math.min(sizes.length - 1, Math.floor(share * sizes.length))] ?? 1;
  const high = at(0.998);
  return { low: Math.max(at(0.05), high / 1e4), high };
}

/** Where a size lies between the bounds on a log scale: 0 to 1. */
export function shareOf(size: number, { low, high }: { readonly low: number; readonly high: number }): number {
  if (!(size > 0)) return 0;
  if (!(high > low)) return 1;
  return Math.min(1, Math.max(0, Math.log(size / low) / Math.log(high / low)));
}

/** Round sizes between the bounds, for a legend: powers of ten, and twice and five times them where there is room. */
export function marksOf({ low, high }: { readonly low: number; readonly high: number }): number[] {
  const few = Math.log10(high / low) < 2.5;
  const marks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) {
    for (const part of few ? [1, 2, 5] : [1]) {
      const mark = Number(`${part}e${power}`);
      if (mark >= low && mark <= high) marks.push(mark);
    }
  }
  return marks;
}

/** What rests up to each row away from mid, outwards; it ends where nothing more is known. */
export function cumulated(sizes: readonly number[]): number[] {
  let sum = 0;
  return sizes.map((size) => (sum += size));
}
