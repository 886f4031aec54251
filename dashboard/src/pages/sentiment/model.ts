/** From answers about texts and the whole market to what is drawn. Pure; times in seconds UTC. */
import type { Columns } from "../../api/client";
import { rowsOf } from "../../api/client";
import { seconds } from "../../charts/bars";
import { type Grid, gridOf } from "../../charts/heat";
import type { TimedValue } from "../../charts/points";

/** A correlation of sentiment and price at a lag of hours, with its interval. */
export interface Correlation {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly pairs: number | null;
  readonly q: number | null;
  readonly verdict: string | null;
}

/** Whether the interval holds 0, or is not known: then nothing is shown to be there. */
export function isTold(cell: Correlation): boolean {
  return cell.low !== null && cell.high !== null && (cell.low > 0 || cell.high < 0);
}

/** Correlations of the newest day by symbol and lag. The grid's times are lags in hours. */
export function correlationGrid(answer: Columns): Grid<Correlation> {
  const rows = rowsOf<Record<string, unknown>>(answer);
  const newest = rows.reduce((best, row) => (String(row["ts"]) > best ? String(row["ts"]) : best), "");
  return gridOf(
    rows.flatMap((row) => {
      const [value, lag] = [row["correlation"], row["lag"]];
      if (String(row["ts"]) !== newest || typeof value !== "number" || typeof lag !== "number") return [];
      const number = (name: string) => (typeof row[name] === "number" ? (row[name] as number) : null);
      const cell: Correlation = {
        value,
        low: number("low"),
        high: number("high"),
        pairs: number("pairs"),
        q: number("q"),
        verdict: typeof row["verdict"] === "string" ? row["verdict"] : null,
      };
      return [{ row: `${String(row["symbol"])} · ${String(row["venue"])}`, time: lag, cell }];
    }),
  );
}

export type Mood = "good" | "bad" | "neutral" | "unknown";

/** Scores within this of 0 take no side (ours, as the stories' counts have it). */
export const NEUTRAL_WITHIN = 0.15;

/** What a score says; no score is no mood. */
export function moodOf(score: number | null | undefined): Mood {
  if (typeof score !== "number") return "unknown";
  if (Math.abs(score) < NEUTRAL_WITHIN) return "neutral";
  return score > 0 ? "good" : "bad";
}

/** Only addresses of the web are followed: a feed may say anything. */
export function safeAddress(url: unknown): string | null {
  if (typeof url !== "string") return null;
  try {
    const address = new URL(url);
    return address.protocol === "https:" || address.protocol === "http:" ? address.href : null;
  } catch {
    return null;
  }
}

/** A stretch in which a share went one way. `to`: end of its last hour. */
export interface RegimeRun {
  readonly regime: string | null;
  readonly from: number;
  readonly to: number;
}

const HOUR = 3_600;

/** Hours of one asset as stretches of the same regime, ascending; hours that are missing end a stretch. */
export function regimeRuns(answer: Columns, asset: string): RegimeRun[] {
  const hours = rowsOf<Record<string, unknown>>(answer)
    .filter((row) => row["asset"] === asset)
    .flatMap((row) => {
      const time = seconds(row["ts"]);
      return time === null ? [] : [{ time, regime: typeof row["regime"] === "string" ? row["regime"] : null }];
    })
    .sort((a, b) => a.time - b.time);
  const runs: RegimeRun[] = [];
  for (const { time, regime } of hours) {
    const last = runs[runs.length - 1];
    if (last !== undefined && last.regime === regime && last.to === time) runs[runs.length - 1] = { ...last, to: time + HOUR };
    else runs.push({ regime, from: time, to: time + HOUR });
  }
  return runs;
}

/** The shares of one asset over time, in per cent. */
export function dominanceOf(answer: Columns, asset: string): TimedValue[] {
  return rowsOf<Record<string, unknown>>(answer)
    .flatMap((row) => {
      const time = seconds(row["ts"]);
      if (row["asset"] !== asset || time === null) return [];
      const value = row["dominance"];
      return [{ time, value: typeof value === "number" ? value : null }];
    })
    .sort((a, b) => a.time - b.time);
}
