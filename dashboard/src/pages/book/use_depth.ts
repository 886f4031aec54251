/** Depth and trades of a window, kept at the present: asked once, then what is newer. */
import { useEffect, useRef, useState } from "preact/hooks";
import { Asker, type Resource } from "../../api/asker";
import { ask, rowsOf } from "../../api/client";
import { now } from "../../ui/clock";
import type { TradeRow } from "./bubbles";
import { slotsUntil } from "./grid";
import { MOST_COLUMNS } from "./heat_chart";
import { type Depth, depthOf, HEATMAP_FIELDS, joined } from "./rows";
import { type BookState, lengthOf } from "./state";

/** As often as depth is stored (ours). */
export const EVERY = 2_000;
/** Seconds of trades that are asked again: late ones change their second. */
const AGAIN = 10_000;

export interface Kept extends Depth {
  readonly trades: readonly TradeRow[];
  readonly until: number;
}

const IDLE: Resource<Kept> = { state: "loading", data: null, at: null, error: null, retryAt: null, again: () => undefined };

export function useDepth(state: BookState): Resource<Kept> {
  const [told, tell] = useState<{ key: string; resource: Resource<Kept> }>({ key: "", resource: IDLE });
  const key = `${state.venue} ${state.symbol} ${state.window}`;
  const held = useRef<Kept | null>(null);
  useEffect(() => {
    held.current = null;
    const asker = new Asker<Kept>(
      async (signal) => {
        const before = held.current;
        if (before !== null && document.hidden) return before;
        const after = await newer(state, before, signal);
        held.current = after;
        return after;
      },
      { every: EVERY },
      (resource) => tell({ key, resource }),
    );
    asker.start();
    return () => asker.stop();
  }, [key]);
  return told.key === key ? told.resource : IDLE;
}

async function newer(state: BookState, before: Kept | null, signal: AbortSignal): Promise<Kept> {
  const length = lengthOf(state.window);
  const until = now.value;
  const slots = slotsUntil(until, length, MOST_COLUMNS);
  const end = slots.first + slots.count * slots.step;
  const last = before?.columns[before.columns.length - 1];
  const since = last === undefined ? slots.first : Math.max(slots.first, floored(last.from, slots.step));
  const of = { symbol: state.symbol, venue: state.venue };
  const window = (from: number) => ({
    start: new Date(from).toISOString(),
    end: new Date(end).toISOString(),
    columns: Math.max(1, Math.round((end - from) / slots.step)),
  });
  const traded = before === null ? slots.first : Math.max(slots.first, floored(before.until - AGAIN, slots.step));
  const [depth, trades] = await Promise.all([
    ask("book/heatmap", { ...of, ...window(since), rows: 2_000, fields: HEATMAP_FIELDS, limit: 1_000 }, signal),
    ask("trades/bubbles", { ...of, ...window(traded), fields: "ts,side,price,size,value,large", limit: 5_000 }, signal),
  ]);
  const found = depthOf(depth);
  const kept = before?.trades.filter((row) => {
    const at = Date.parse(row.ts);
    return at >= slots.first && at < traded;
  });
  return {
    columns: joined(before?.columns ?? [], found.columns, slots.first),
    unit: found.unit || (before?.unit ?? ""),
    trades: [...(kept ?? []), ...rowsOf<TradeRow>(trades)],
    until,
  };
}

function floored(at: number, step: number): number {
  return Math.floor(at / step) * step;
}
