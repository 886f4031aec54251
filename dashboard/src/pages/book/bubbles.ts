/** Trades as bubbles: their area is what they are worth. Pure. */
import { millisecondsOf } from "../../ui/format";
import type { Slots } from "./grid";

/** A row of `trades/bubbles`. */
export interface TradeRow {
  readonly ts: string;
  readonly side: string;
  readonly price: number;
  readonly size: number;
  readonly value: number | null;
  readonly large: boolean;
}

export interface Bubble {
  /** Start of its slot, milliseconds. */
  readonly at: number;
  readonly side: "buy" | "sell";
  readonly price: number;
  readonly radius: number;
  readonly large: boolean;
  readonly row: TradeRow;
}

export const LARGEST = 13;
export const SMALLEST = 1.25;
/** More than these hide each other and what lies below (ours). */
export const MOST = 400;

/** The largest trades of a window as circles: areas in proportion to worth, the largest of `LARGEST` pixels. */
export function bubblesOf(rows: readonly TradeRow[], slots: Slots, most = MOST): Bubble[] {
  const end = slots.first + slots.count * slots.step;
  const worth = (row: TradeRow) => row.value ?? row.size * row.price;
  const inside = rows.filter((row) => {
    const at = millisecondsOf(row.ts);
    return at !== null && at >= slots.first && at < end && row.price > 0;
  });
  const kept = inside.sort((a, b) => worth(b) - worth(a)).slice(0, most);
  const top = kept[0] ? worth(kept[0]) : 0;
  return kept
    .map((row): Bubble => {
      const at = millisecondsOf(row.ts) ?? slots.first;
      return {
        at: slots.first + Math.floor((at - slots.first) / slots.step) * slots.step,
        side: row.side === "buy" ? "buy" : "sell",
        price: row.price,
        radius: Math.max(SMALLEST, LARGEST * Math.sqrt(top > 0 ? worth(row) / top : 0)),
        large: row.large,
        row,
      };
    })
    .filter((bubble) => bubble.large || bubble.radius >= 2);
}
