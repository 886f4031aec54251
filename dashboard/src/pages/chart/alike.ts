/** What the API says of bars that look like others, and how it is drawn: pure. Returns are in per cent. */
export interface AlikeMatch {
  readonly venue: string;
  readonly symbol: string;
  readonly start: string;
  readonly end: string;
  readonly distance: number;
  readonly correlation: number;
  readonly returns_pct: readonly (number | null)[];
  readonly returns_atr: readonly (number | null)[];
  /** Closes of the window and of the bars after it, per cent off the last bar of the window. */
  readonly path: readonly number[];
}

export interface AlikeFollowed {
  readonly horizon: number;
  readonly known: number;
  readonly counted: number;
  readonly rose: number | null;
  readonly random_rose_low: number | null;
  readonly random_rose_high: number | null;
  readonly mean_atr: number | null;
  readonly random_low: number | null;
  readonly random_high: number | null;
  readonly q: number | null;
  readonly verdict: string;
}

export interface Alike {
  readonly symbol: string;
  readonly timeframe: string;
  readonly at: string;
  readonly start: string;
  readonly end: string;
  readonly bars: number;
  readonly path: readonly number[];
  readonly windows: number;
  readonly left_out: number;
  readonly horizons: readonly number[];
  readonly matches: readonly AlikeMatch[];
  readonly followed: readonly AlikeFollowed[];
  readonly verdict: string;
  readonly in_words: string;
}

export interface Small {
  /** The window, then what followed: points of polylines in a box of `width` and `height`. */
  readonly window: string;
  readonly after: string;
  /** Where the window ends, from the left. */
  readonly edge: number;
}

/** A path as two polylines, scaled to its own extent; `slots` is how many bars the width has room for. */
export function smallOf(path: readonly number[], bars: number, slots: number, width: number, height: number): Small {
  const low = Math.min(...path);
  const high = Math.max(...path);
  const range = high - low || 1;
  const point = (value: number, place: number) => `${((place / Math.max(slots - 1, 1)) * width).toFixed(1)},${(2 + ((high - value) / range) * (height - 4)).toFixed(1)}`;
  const points = path.map(point);
  return {
    window: points.slice(0, bars).join(" "),
    after: points.slice(bars - 1).join(" "),
    edge: ((bars - 1) / Math.max(slots - 1, 1)) * width,
  };
}

/** The moment from which on the API is to know nothing: the close of the bar that opens at `time` (seconds UTC). */
export function closeOf(time: number, step: number): string {
  return `${new Date((time + step) * 1_000).toISOString().slice(0, 19)}Z`;
}
