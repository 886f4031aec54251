import type { Columns } from "../api/client";
import { seconds } from "./bars";

export interface TimedValue {
  /** Seconds UTC. */
  readonly time: number;
  readonly value: number | null;
}

/** A column of an answer over its time, ascending, one value a moment (the last that was told). */
export function pointsOf(answer: Columns, column: string, time = "ts"): TimedValue[] {
  const times = answer.columns[time] ?? [];
  const values = answer.columns[column] ?? [];
  const found = new Map<number, number | null>();
  // answers come newest first, so that the first of a moment is its newest
  for (let row = 0; row < answer.rows; row++) {
    const at = seconds(times[row]);
    if (at === null || found.has(Math.floor(at))) continue;
    const value = values[row];
    found.set(Math.floor(at), typeof value === "number" && Number.isFinite(value) ? value : null);
  }
  return [...found].map(([at, value]) => ({ time: at, value })).sort((a, b) => a.time - b.time);
}

/** The last known value of each stretch of `length` seconds, at its begin: what a screen can show of many. */
export function thinned(points: readonly TimedValue[], length: number): TimedValue[] {
  const found = new Map<number, number | null>();
  for (const { time, value } of points) {
    const start = Math.floor(time / length) * length;
    if (value !== null || !found.has(start)) found.set(start, value);
  }
  return [...found].map(([time, value]) => ({ time, value }));
}

/** The sum of each stretch of `length` seconds. A stretch without points has none: it is no zero. */
export function summed(points: readonly TimedValue[], length: number): TimedValue[] {
  const found = new Map<number, number | null>();
  for (const { time, value } of points) {
    const start = Math.floor(time / length) * length;
    const before = found.get(start);
    found.set(start, value === null ? (before ?? null) : (before ?? 0) + value);
  }
  return [...found].map(([time, value]) => ({ time, value }));
}

/** The stretch by which a range of seconds shows about `most` points. */
export function stretchFor(range: number, most = 300): number {
  const steps = [60, 300, 900, 3_600, 14_400, 86_400];
  return steps.find((step) => range / step <= most) ?? 86_400;
}

/** Places of points after which nothing was told for more than `most` seconds: no line may go on from them. */
export function breaksOf(points: readonly TimedValue[], most: number): Set<number> {
  const found = new Set<number>();
  let before: { time: number; place: number } | null = null;
  points.forEach(({ time, value }, place) => {
    if (value === null) return;
    if (before !== null && time - before.time > most) found.add(before.place);
    before = { time, place };
  });
  return found;
}

/** The usual distance of points in seconds: their median; 0 of fewer than two. */
export function usualStep(points: readonly TimedValue[]): number {
  const steps = points.slice(1).map((point, place) => point.time - (points[place]?.time ?? 0));
  return steps.sort((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}
