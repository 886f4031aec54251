/** What became of signals, and of groups of them: rows and words. */
import type { Tone } from "../../ui/parts";

export interface Became {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly ts: string;
  readonly signal: string;
  readonly trigger: string | null;
  readonly state: string;
  readonly told_at: string;
  readonly entry_at: string | null;
  readonly entry: number | null;
  readonly closed_at: string | null;
  readonly exit: number | null;
  readonly bars: number | null;
  readonly net_pct: number | null;
  readonly net_r: number | null;
  readonly remark: string | null;
}

export interface Group {
  readonly grouped_by: string;
  readonly value: string;
  readonly n: number;
  readonly clusters: number;
  readonly target_share: number | null;
  readonly stopped_share: number | null;
  readonly mean_net_pct: number | null;
  readonly mean_net_low: number | null;
  readonly mean_net_high: number | null;
  readonly walk_mean_net_pct: number | null;
  readonly walk_mean_net_low: number | null;
  readonly walk_mean_net_high: number | null;
  readonly random_mean_net_low: number | null;
  readonly random_mean_net_high: number | null;
  readonly expectancy_r: number | null;
  readonly profit_factor: number | null;
  readonly verdict: string | null;
  readonly in_words: string | null;
  readonly as_of: string;
}

export const GROUPS = ["all", "signal", "side", "trigger", "timeframe", "regime", "symbol", "month"] as const;

const STATES: Readonly<Record<string, readonly [Tone, string]>> = {
  open: ["accent", "still open"],
  target: ["good", "reached its target"],
  stopped: ["bad", "its stop was touched first"],
  expired: ["none", "its time was over"],
  closed: ["warn", "closed by a later signal the other way"],
};

export function stateTone(state: string): Tone {
  return STATES[state]?.[0] ?? "none";
}

export function stateWords(state: string): string {
  return STATES[state]?.[1] ?? state;
}

/** Where a return lies on an axis that holds all of them and 0: 0 to 1. */
export function placesOf(values: readonly (number | null)[]): (value: number) => number {
  const known = values.filter((each) => each !== null && Number.isFinite(each)) as number[];
  const low = Math.min(0, ...known);
  const high = Math.max(0, ...known);
  const room = (high - low) * 0.06 || 1;
  return (value) => (value - low + room) / (high - low + 2 * room);
}
