/** Rows of the market's table, and how far each can be relied on: pure. */
import { UNKNOWN, duration, words } from "../../ui/format";

/** A row of the reading `market/overview`: shares as parts of one, times as RFC 3339. */
export interface Overview {
  readonly venue: string;
  readonly symbol: string;
  readonly kind: string | null;
  readonly base: string;
  readonly quote: string;
  readonly last_price: number | null;
  readonly priced_at: string | null;
  readonly change_24h: number | null;
  readonly quote_volume_24h: number | null;
  readonly high_24h: number | null;
  readonly low_24h: number | null;
  readonly funding_rate: number | null;
  readonly funding_interval_hours: number | null;
  readonly next_funding_at: string | null;
  readonly funding_known_at: string | null;
  readonly open_interest: number | null;
  readonly open_interest_known_at: string | null;
  readonly open_interest_change_24h: number | null;
  readonly sentiment: number | null;
  readonly sentiment_known_at: string | null;
  readonly sentiment_texts_24h: number | null;
  readonly fresh_until: string | null;
  readonly open_gaps: number;
  readonly missing_minutes: number;
  readonly quality: number | null;
  readonly quality_day: string | null;
  readonly book_state: string | null;
  readonly book_trusted: boolean | null;
  readonly problem: string | null;
}

export function keyOf(row: { readonly venue: string; readonly symbol: string }): string {
  return `${row.venue} ${row.symbol}`;
}

export type Tone = "good" | "warn" | "bad";

export interface Trust {
  readonly tone: Tone;
  /** Every reason, worst first; what is well is said too. */
  readonly reasons: readonly string[];
}

/** A candle a minute: after three without one something is slow, after fifteen it has stopped (ours). */
export const LATE = 3 * 60_000;
export const STOPPED = 15 * 60_000;
/** A day's quality below this is worth a look (ours; a complete day with few flags has 97 and more). */
export const POOR_QUALITY = 90;

export function ageOf(row: Overview, now: number): number | null {
  return row.fresh_until === null ? null : Math.max(0, now - Date.parse(row.fresh_until));
}

/** How far a symbol's data can be relied on now, and why. */
export function trustOf(row: Overview, now: number): Trust {
  const bad: string[] = [];
  const warn: string[] = [];
  const good: string[] = [];
  const age = ageOf(row, now);
  if (row.problem) bad.push(`the venue says: ${row.problem}`);
  if (age === null) bad.push("there are no candles yet");
  else if (age > STOPPED) bad.push(`no candle for ${duration(age)}`);
  else if (age > LATE) warn.push(`the newest candle closed ${duration(age)} ago`);
  else good.push("candles are fresh");
  if (row.open_gaps > 0) warn.push(`${row.open_gaps} open gaps, ${row.missing_minutes} minutes missing`);
  else good.push("no open gaps");
  if (row.book_state !== null) {
    if (row.book_trusted) good.push("the order book is proven");
    else warn.push(`the order book cannot be trusted: ${words(row.book_state)}`);
  }
  if (row.quality !== null) {
    const told = `quality ${row.quality.toFixed(1)} of 100 on ${row.quality_day ?? UNKNOWN}`;
    if (row.quality < POOR_QUALITY) warn.push(told);
    else good.push(told);
  }
  const tone = bad.length ? "bad" : warn.length ? "warn" : "good";
  return { tone, reasons: [...bad, ...warn, ...good] };
}

/** Worst first, for sorting. */
export const TONE_ORDER: Readonly<Record<Tone, number>> = { bad: 0, warn: 1, good: 2 };

/** How many rise and fall, of those whose change is known. */
export function breadth(rows: readonly Overview[]): { readonly up: number; readonly down: number; readonly flat: number } {
  let up = 0;
  let down = 0;
  let flat = 0;
  for (const row of rows) {
    if (row.change_24h === null) continue;
    if (row.change_24h > 0) up += 1;
    else if (row.change_24h < 0) down += 1;
    else flat += 1;
  }
  return { up, down, flat };
}
