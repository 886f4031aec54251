/** What was known at a moment, of rows as they are known today. Times in seconds UTC. */
import type { Bar } from "../../charts/bars";
import { openOf, secondsOf, type Timeframe } from "../../charts/timeframes";
import type { Became, ChartPattern, Gap, Signal, Wall } from "./rows";

/** Rows that were known at a moment; null: now, at which all of them are. */
export function knownAt<Row extends { readonly knownAt: number }>(rows: readonly Row[], asOf: number | null): readonly Row[] {
  return asOf === null ? rows : rows.filter((row) => row.knownAt <= asOf);
}

/** Bars that had closed by then: a bar is known at its close, never at its open. */
export function barsKnownAt(bars: readonly Bar[], step: number, asOf: number | null): readonly Bar[] {
  return asOf === null ? bars : bars.filter((bar) => bar.closed && bar.time + step <= asOf);
}

/** Each pattern at the stage that it had then: the newest row of its life that was known. */
export function lives(rows: readonly ChartPattern[], asOf: number | null): ChartPattern[] {
  const newest = new Map<number, ChartPattern>();
  for (const row of knownAt(rows, asOf)) {
    const held = newest.get(row.id);
    if (held === undefined || row.knownAt >= held.knownAt) newest.set(row.id, row);
  }
  return [...newest.values()];
}

/** Walls as they were told of then: one whose end was not known yet still stood. */
export function wallsKnownAt(walls: readonly Wall[], asOf: number | null): Wall[] {
  return knownAt(walls, asOf).map((wall) =>
    asOf !== null && (wall.endKnownAt === null || wall.endKnownAt > asOf)
      ? { ...wall, to: null, outcome: "open", spoof: false, endKnownAt: null }
      : wall,
  );
}

/** Gaps that were known then and not yet repaired. */
export function gapsKnownAt(gaps: readonly Gap[], asOf: number | null): Gap[] {
  return gaps.flatMap((gap) => {
    if (asOf === null) return gap.state === "repaired" ? [] : [gap];
    if (gap.detectedAt > asOf || (gap.repairedAt !== null && gap.repairedAt <= asOf)) return [];
    const verified = gap.verifiedAt !== null && gap.verifiedAt <= asOf;
    return [{ ...gap, state: verified ? "venue_had_none" : "detected", reason: verified ? gap.reason : null }];
  });
}

/** Signals that say something: neutral ones have neither stop nor target. */
export function spoken(signals: readonly Signal[]): Signal[] {
  return signals.filter((each) => each.signal !== "neutral" && each.entry !== null && each.stop !== null && each.target !== null);
}

/**
 * The moment one bar later (`by` 1) or earlier (-1). Moments step from close to close; from within a bar the
 * first step goes to its nearest close that way. A step past now is null: back to what is known now.
 */
export function stepped(asOf: number | null, by: number, timeframe: Timeframe, now: number): number | null {
  const step = secondsOf(timeframe);
  const from = asOf ?? now;
  const close = openOf(from, timeframe);
  const within = close !== from;
  const to = close + by * step + (within && by < 0 ? step : 0);
  return to > now ? null : to;
}

/** Ends of signals that had come by a moment, by the time of the signal: before its end one does not know it. */
export function endsKnownAt(became: readonly Became[], asOf: number | null): Map<number, Became> {
  return new Map(
    became.filter((each) => each.state !== "open" && each.closedAt !== null && (asOf === null || each.closedAt <= asOf)).map((each) => [each.time, each]),
  );
}
