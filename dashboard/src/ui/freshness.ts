import { rowsOf, type Columns } from "../api/client";
import { duration } from "./format";

export interface Health {
  readonly tone: "good" | "warn" | "bad";
  readonly text: string;
  readonly about: string;
}

interface Fresh {
  readonly venue: string;
  readonly symbol: string;
  readonly newest: string | null;
}

const MINUTE = 60_000;
/** Three minutes without a candle are late, fifteen a stop (ours), as on the page Market. */
const LATE = 3 * MINUTE;
const STOPPED = 15 * MINUTE;

/** One sentence of the reading `freshness` for the status bar; null where there is nothing to say yet. */
export function marketHealth(freshness: Columns | null, now: number): Health | null {
  if (freshness === null) return null;
  const rows = rowsOf<Fresh>(freshness);
  if (rows.length === 0) return { tone: "warn", text: "No symbol is tracked", about: "alphapulse symbols add BTC/USDT" };
  const ages = rows.map((row) => (row.newest === null ? Number.POSITIVE_INFINITY : now - Date.parse(row.newest) - MINUTE));
  const late = ages.filter((age) => age > LATE).length;
  const stopped = ages.filter((age) => age > STOPPED).length;
  const best = Math.max(0, Math.min(...ages));
  const newest = Number.isFinite(best) ? `newest candle ${duration(best)} old` : "no candles yet";
  if (late === 0) return { tone: "good", text: `${rows.length} symbols fresh`, about: `${newest}; all within ${duration(LATE)}` };
  const tone = stopped === rows.length ? "bad" : "warn";
  return { tone, text: `${late} of ${rows.length} symbols late`, about: `${newest}; ${stopped} without a candle for ${duration(STOPPED)}` };
}
