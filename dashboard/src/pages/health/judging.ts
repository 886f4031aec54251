/** How fresh and whole data are, from rows of the API: pure. */

export const FRAMES = ["1m", "5m", "15m", "1h", "4h", "1d", "1w"] as const;
export type Frame = (typeof FRAMES)[number];

const MINUTE = 60_000;
export const LENGTH: Readonly<Record<string, number>> = {
  "1m": MINUTE,
  "5m": 5 * MINUTE,
  "15m": 15 * MINUTE,
  "1h": 60 * MINUTE,
  "4h": 240 * MINUTE,
  "1d": 1_440 * MINUTE,
  "1w": 10_080 * MINUTE,
};

export interface Latest {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly ts: string;
  readonly received_at: string | null;
}

export type Tone = "good" | "warn" | "bad" | "none";

/** How long what is newest of a timeframe has been over, in milliseconds; below zero while its bar is forming. */
export function overdue(latest: Latest, now: number): number {
  return now - Date.parse(latest.ts) - (LENGTH[latest.timeframe] ?? 0);
}

/** A bar may be missing for its own length and three minutes; three bars without one are a stop (ours). */
export function toneOf(latest: Latest | undefined, now: number): Tone {
  if (!latest) return "none";
  const length = LENGTH[latest.timeframe] ?? MINUTE;
  const late = overdue(latest, now);
  if (late <= length + 3 * MINUTE) return "good";
  return late <= 3 * length + 15 * MINUTE ? "warn" : "bad";
}

/** Rows by symbol, then by timeframe. */
export function bySymbol(rows: readonly Latest[]): Map<string, Map<string, Latest>> {
  const found = new Map<string, Map<string, Latest>>();
  for (const row of rows) {
    const key = `${row.venue} ${row.symbol}`;
    const mine = found.get(key) ?? new Map<string, Latest>();
    mine.set(row.timeframe, row);
    found.set(key, mine);
  }
  return found;
}

export interface Gap {
  readonly venue: string;
  readonly symbol: string;
  readonly gap_start: string;
  readonly gap_end: string;
  readonly minutes: number;
  readonly state: string;
  readonly reason: string | null;
  readonly repaired_from: string | null;
  readonly attempts: number;
  readonly next_attempt_at: string | null;
}

const DAY = 86_400_000;

/** Missing minutes of a UTC day, for each symbol; a gap over midnight counts on both days. */
export function minutesByDay(gaps: readonly Gap[]): Map<string, Map<string, number>> {
  const found = new Map<string, Map<string, number>>();
  for (const gap of gaps) {
    const key = `${gap.symbol} ${gap.venue}`;
    const days = found.get(key) ?? new Map<string, number>();
    const end = Date.parse(gap.gap_end);
    let from = Date.parse(gap.gap_start);
    while (from < end) {
      const until = Math.min(end, (Math.floor(from / DAY) + 1) * DAY);
      const day = new Date(from).toISOString().slice(0, 10);
      days.set(day, (days.get(day) ?? 0) + (until - from) / MINUTE);
      from = until;
    }
    found.set(key, days);
  }
  return found;
}

/** A level of the calendar for a quality of 0 to 100: the last steps are the ones that matter. */
export function qualityLevel(score: number): number {
  return score >= 99.5 ? 5 : score >= 97 ? 4 : score >= 90 ? 3 : score >= 75 ? 2 : 1;
}

export function minutesLevel(minutes: number): number {
  return minutes >= 720 ? 5 : minutes >= 120 ? 4 : minutes >= 30 ? 3 : minutes >= 5 ? 2 : 1;
}

export interface Quality {
  readonly venue: string;
  readonly symbol: string;
  readonly day: string;
  readonly score: number | null;
  readonly completeness: number | null;
  readonly expected: number | null;
  readonly present: number | null;
  readonly flagged: number | null;
  readonly quarantined: number | null;
}

/** Mean of what is known. */
export function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value): value is number => value !== null);
  return known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null;
}
