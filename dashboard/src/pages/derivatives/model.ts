/** From answers about futures and options to what is drawn. Pure; times in seconds UTC. */
import type { Columns } from "../../api/client";
import { rowsOf } from "../../api/client";
import { seconds } from "../../charts/bars";
import { type Grid, gridOf } from "../../charts/heat";

export const RANGES = [
  { name: "1d", title: "24 h", seconds: 86_400, timeframe: "5m" },
  { name: "3d", title: "3 d", seconds: 3 * 86_400, timeframe: "15m" },
  { name: "7d", title: "7 d", seconds: 7 * 86_400, timeframe: "1h" },
  { name: "30d", title: "30 d", seconds: 30 * 86_400, timeframe: "4h" },
] as const;
export type RangeName = (typeof RANGES)[number]["name"];

/** Funding of one settlement. `annualised`: the rate of a year if all were like it, as a part. */
export interface Funding {
  readonly rate: number;
  readonly annualised: number;
  readonly hours: number;
  readonly forecast: boolean;
}

/** Settled funding by symbol and time, and the forecast of what is settled next. */
export function fundingGrid(settled: Columns, now: Columns | null): Grid<Funding> {
  const cells = rowsOf<Record<string, unknown>>(settled).flatMap((row) => {
    const cell = funding(row["rate"], row["rate_annualised"], row["interval_hours"], false);
    const time = seconds(row["ts"]);
    return cell === null || time === null ? [] : [{ row: `${String(row["symbol"])} · ${String(row["venue"])}`, time, cell }];
  });
  const next = now === null ? [] : rowsOf<Record<string, unknown>>(now).flatMap((row) => {
    const cell = funding(row["funding_rate"], row["rate_annualised"], row["interval_hours"], true);
    const time = seconds(row["next_funding_at"]);
    return cell === null || time === null ? [] : [{ row: `${String(row["symbol"])} · ${String(row["venue"])}`, time, cell }];
  });
  return gridOf([...cells, ...next].sort((a, b) => a.row.localeCompare(b.row)));
}

function funding(rate: unknown, annualised: unknown, hours: unknown, forecast: boolean): Funding | null {
  if (typeof rate !== "number" || typeof annualised !== "number") return null;
  return { rate, annualised, hours: typeof hours === "number" ? hours : Number.NaN, forecast };
}

/** Open interest of a strike, in coins. */
export interface Strike {
  readonly strike: number;
  readonly calls: number;
  readonly puts: number;
}

/** Open interest by strike; `expiry` null: of all expiries. Strikes far from the price without much are left out. */
export function strikesOf(answer: Columns, expiry: string | null, least = 0.004): Strike[] {
  const found = new Map<number, { calls: number; puts: number }>();
  for (const row of rowsOf<{ strike: number; kind: string; expiry: string; open_interest: number | null }>(answer)) {
    if (expiry !== null && row.expiry !== expiry) continue;
    const held = found.get(row.strike) ?? { calls: 0, puts: 0 };
    if (row.kind === "call") held.calls += row.open_interest ?? 0;
    else held.puts += row.open_interest ?? 0;
    found.set(row.strike, held);
  }
  const strikes = [...found].map(([strike, each]) => ({ strike, ...each })).sort((a, b) => a.strike - b.strike);
  const most = Math.max(...strikes.map((each) => Math.max(each.calls, each.puts)), 0);
  const counts = (each: Strike | undefined) => each !== undefined && Math.max(each.calls, each.puts) >= most * least;
  let from = 0;
  let to = strikes.length;
  while (from < to && !counts(strikes[from])) from++;
  while (to > from && !counts(strikes[to - 1])) to--;
  return strikes.slice(from, to);
}

/** A row of the options' summary: of one expiry, or of all (expiry null). Volatilities in per cent a year. */
export interface Expiry {
  readonly expiry: string | null;
  readonly ts: string;
  readonly price: number | null;
  readonly calls_open_interest: number | null;
  readonly puts_open_interest: number | null;
  readonly put_call_open_interest: number | null;
  readonly max_pain: number | null;
  readonly atm_iv: number | null;
  readonly skew_25d: number | null;
  readonly volatility_index: number | null;
}

export function expiriesOf(answer: Columns): { all: Expiry | null; each: Expiry[] } {
  const rows = rowsOf<Expiry>(answer);
  return {
    all: rows.find((row) => row.expiry === null) ?? null,
    each: rows.filter((row) => row.expiry !== null).sort((a, b) => String(a.expiry).localeCompare(String(b.expiry))),
  };
}
