/** Rows of the API as the page uses them. Pure. */
import type { Columns } from "../../api/client";
import { rowsOf } from "../../api/client";
import type { DepthColumn } from "./grid";

interface HeatmapRow {
  readonly from_at: string;
  readonly until_at: string;
  readonly mid: number;
  readonly mid_bin: number;
  readonly bid_sizes: readonly number[] | null;
  readonly ask_sizes: readonly number[] | null;
  readonly bin_bps: number;
  readonly merged: number;
  readonly unit: string;
  readonly base: string | null;
}

export const HEATMAP_FIELDS = "from_at,until_at,mid,mid_bin,bid_sizes,ask_sizes,bin_bps,merged,unit,base";

export interface Depth {
  readonly columns: readonly DepthColumn[];
  /** What sizes are counted in: "BTC", or "contracts". */
  readonly unit: string;
}

/** `book/heatmap` in order of time. */
export function depthOf(answer: Columns): Depth {
  const rows = rowsOf<HeatmapRow>(answer);
  const columns = rows.map((row): DepthColumn => ({
    from: Date.parse(row.from_at),
    until: Date.parse(row.until_at),
    mid: row.mid,
    midRow: row.mid_bin,
    bids: row.bid_sizes ?? [],
    asks: row.ask_sizes ?? [],
    binBps: row.bin_bps,
    merged: row.merged,
  }));
  const last = rows[rows.length - 1];
  return { columns, unit: last === undefined ? "" : last.unit === "base" ? (last.base ?? "base units") : last.unit };
}

/** Older columns, then newer ones from where those begin; of another grid the older ones go. */
export function joined(before: readonly DepthColumn[], newer: readonly DepthColumn[], since: number): DepthColumn[] {
  const first = newer[0];
  const kept = before.filter((each) => each.from >= since && (first === undefined || each.from < first.from));
  if (first === undefined) return kept;
  return [...kept.filter((each) => each.binBps === first.binBps && each.merged === first.merged), ...newer];
}

export interface Level {
  readonly price: number;
  readonly size: number;
}

/** A state of a book as `/ws` and `book` tell it. */
export interface BookRow {
  readonly ts: string | null;
  readonly mid: number | null;
  readonly imbalance: number | null;
  readonly spreadBps: number | null;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

type Told = Readonly<Record<string, unknown>>;

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function levels(pairs: unknown, prices: unknown, sizes: unknown): Level[] {
  const list = Array.isArray(pairs)
    ? (pairs as unknown[][])
    : Array.isArray(prices) && Array.isArray(sizes)
      ? prices.map((price: unknown, at: number) => [price, (sizes as unknown[])[at]])
      : [];
  return list.flatMap((pair) => {
    const price = number(pair[0]);
    const size = number(pair[1]);
    return price !== null && size !== null && size > 0 ? [{ price, size }] : [];
  });
}

/** The socket says pairs (`bids`), the API says arrays (`bid_prices`, `bid_sizes`): one form of both. */
export function bookOf(row: Told): BookRow {
  const bids = levels(row["bids"], row["bid_prices"], row["bid_sizes"]);
  const asks = levels(row["asks"], row["ask_prices"], row["ask_sizes"]);
  const [bid, ask] = [bids[0]?.price, asks[0]?.price];
  const between = bid !== undefined && ask !== undefined ? (bid + ask) / 2 : null;
  return {
    ts: typeof row["ts"] === "string" ? row["ts"] : null,
    mid: number(row["mid"]) ?? between,
    imbalance: number(row["imbalance"]),
    spreadBps: number(row["spread_bps"]) ?? (between && bid !== undefined && ask !== undefined ? ((ask - bid) / between) * 1e4 : null),
    bids,
    asks,
  };
}
