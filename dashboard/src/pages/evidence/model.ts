/** Rows of the page and what is drawn of them: pure. Shares are 0 to 1. */
import type { Tone } from "../../ui/parts";

export interface Level {
  readonly timeframe: string;
  readonly score: string;
  readonly horizon: number;
  readonly level: string;
  readonly place: number;
  readonly evidence: number;
  readonly clusters: number;
  readonly mean_score: number | null;
  readonly right_share: number | null;
  readonly right_low: number | null;
  readonly right_high: number | null;
  readonly paid_share: number | null;
  readonly base_rate: number | null;
  readonly walk_right: number | null;
  readonly walk_low: number | null;
  readonly walk_high: number | null;
  readonly slope: number | null;
  readonly increasing: boolean | null;
  readonly note: string | null;
  readonly as_of: string;
}

/** A step of a reliability diagram: what was seen with its interval, and chance beside it. */
export interface Step {
  readonly name: string;
  readonly said: number | null;
  readonly right: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly chance: number | null;
  readonly chanceLow: number | null;
  readonly chanceHigh: number | null;
  readonly clusters: number;
}

export interface Score {
  readonly score: string;
  readonly steps: readonly Step[];
  readonly verdict: string;
  readonly tone: Tone;
  readonly note: string | null;
}

export const SCORES = ["confidence", "reliability", "boosted"] as const;

/** The scores of one timeframe and horizon in their usual order, each with its levels from the lowest. */
export function scoresOf(rows: readonly Level[]): Score[] {
  const names = [...new Set(rows.map((row) => row.score))];
  const order = (name: string) => (SCORES as readonly string[]).indexOf(name) + 1 || 99;
  return names
    .sort((a, b) => order(a) - order(b))
    .map((score) => {
      const own = rows.filter((row) => row.score === score && row.place > 0).sort((a, b) => a.place - b.place);
      const first = own[0] ?? rows.find((row) => row.score === score);
      return { score, steps: own.map(stepOf), ...verdictOf(first?.increasing ?? null, first?.slope ?? null), note: first?.note ?? null };
    });
}

function stepOf(row: Level): Step {
  return {
    name: row.level,
    said: null,
    right: row.right_share,
    low: row.right_low,
    high: row.right_high,
    chance: row.walk_right,
    chanceLow: row.walk_low,
    chanceHigh: row.walk_high,
    clusters: row.clusters,
  };
}

/** What is to be thought of a score: only one that was seen to rise is of use for ranking. */
export function verdictOf(increasing: boolean | null, slope: number | null): { verdict: string; tone: Tone } {
  if (increasing === true) return { verdict: "rises with its level", tone: "accent" };
  if (increasing === null || slope === null) return { verdict: "too little is known", tone: "none" };
  return slope < 0 ? { verdict: "does not rise: do not rank by it", tone: "warn" } : { verdict: "not seen to rise", tone: "none" };
}

export interface Card {
  readonly model_version: string;
  readonly horizon: number;
  readonly kind: string;
  readonly verdict: string;
  readonly chosen: string | null;
  readonly shipped: string | null;
  readonly ts: string;
  readonly known_at: string;
  readonly window_start: string | null;
  readonly untouched_from: string | null;
  readonly n: number | null;
  readonly clusters: number | null;
  readonly test_n: number | null;
  readonly test_clusters: number | null;
  readonly base_rate: number | null;
  readonly brier_skill: number | null;
  readonly brier_skill_low: number | null;
  readonly brier_skill_high: number | null;
  readonly log_loss_skill: number | null;
  readonly log_loss_skill_low: number | null;
  readonly log_loss_skill_high: number | null;
  readonly auc: number | null;
  readonly auc_low: number | null;
  readonly auc_high: number | null;
  readonly shuffled_auc: number | null;
  readonly top_decile_bps: number | null;
  readonly top_decile_bps_low: number | null;
  readonly top_decile_bps_high: number | null;
  readonly configurations_tried: number | null;
  readonly q: number | null;
  readonly reliability: unknown;
  readonly cost: number | null;
  readonly features_digest: string | null;
  readonly data_digest: string | null;
}

export function cardTone(verdict: string): Tone {
  if (verdict.startsWith("demonstrated")) return "accent";
  return verdict.startsWith("worse") ? "warn" : "none";
}

/** Steps of a model's reliability curve, whatever exactly its rows are called; empty where there are none. */
export function curveOf(reliability: unknown): Step[] {
  const told: unknown = typeof reliability === "string" ? parsed(reliability) : reliability;
  const rows = Array.isArray(told) ? told : Array.isArray((told as { rows?: unknown })?.rows) ? (told as { rows: unknown[] }).rows : [];
  return rows.flatMap((each) => {
    const row = each as Record<string, unknown>;
    const said = number(row["said"] ?? row["predicted"]);
    if (said === null) return [];
    return [
      {
        name: `${(said * 100).toFixed(1)} %`,
        said,
        right: number(row["right"] ?? row["share"]),
        low: number(row["low"] ?? row["right_low"]),
        high: number(row["high"] ?? row["right_high"]),
        chance: null,
        chanceLow: null,
        chanceHigh: null,
        clusters: number(row["clusters"]) ?? 0,
      },
    ];
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Ends of the axis that hold all of it, a half among them, in steps of five per cent. */
export function extentOf(steps: readonly Step[]): { from: number; to: number } {
  const all = steps.flatMap((each) => [each.right, each.low, each.high, each.chanceLow, each.chanceHigh, each.said]).filter((each) => each !== null);
  const low = Math.min(0.45, ...all);
  const high = Math.max(0.55, ...all);
  return { from: Math.max(0, Math.floor(low * 20) / 20), to: Math.min(1, Math.ceil(high * 20) / 20) };
}
