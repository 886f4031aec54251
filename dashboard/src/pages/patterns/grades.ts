/** Probabilities of signals after costs, and their grades: by the id of the signal. */
import { type Columns, rowsOf } from "../../api/client";
import { signalId } from "../../ui/one_picture";
import type { Tone } from "../../ui/parts";

export interface Grade {
  readonly probability: number | null;
  readonly probability_low: number | null;
  readonly probability_high: number | null;
  readonly break_even: number | null;
  readonly grade: string | null;
  readonly in_words: string | null;
  readonly horizon: number | null;
  readonly model_version: string | null;
}

export function gradesOf(answer: Columns | null): ReadonlyMap<string, Grade> {
  if (answer === null) return new Map();
  const rows = rowsOf<Grade & { venue: string; symbol: string; timeframe: string; ts: string }>(answer);
  return new Map(rows.map((row) => [signalId(row), row]));
}

export function gradeTone(grade: string): Tone {
  return grade === "A" ? "good" : grade === "B" ? "accent" : "none";
}

/** What signals are ranked by: how far the probability is above what pays; those without one come last, by score. */
export function rankOf(signal: { readonly score: number }, grade: Grade | undefined): number {
  if (grade?.probability == null) return -10 + Math.abs(signal.score) / 1_000;
  return grade.probability - (grade.break_even ?? 0.5);
}
