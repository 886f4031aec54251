import type { Columns } from "../api/client";

export interface Health {
  readonly tone: "good" | "warn" | "bad";
  readonly text: string;
  readonly about: string;
}

/** One sentence of the reading `freshness` for the status bar; null where there is nothing to say yet. */
export function marketHealth(_freshness: Columns | null, _now: number): Health | null {
  return null;
}
