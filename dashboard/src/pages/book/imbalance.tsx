/** Who waits more, bids or asks: now, and over the last minutes. */
import { useReading } from "../../api/reading";
import { rowsOf } from "../../api/client";
import { number } from "../../ui/format";
import { Panel } from "../../ui/parts";
import { Loaded } from "../../ui/states";
import type { BookState } from "./state";
import type { Followed } from "./use_book";

const MINUTES = 5;
const WIDTH = 360;
const HEIGHT = 90;
/** Longer holes are holes in the line: rows come once a second. */
const HOLE = 6_000;

interface Row {
  readonly ts: string;
  readonly imbalance: number;
}

/** The line through the values, broken where there are none for a while. */
export function lineOf(rows: readonly Row[], until: number, length: number): string {
  let path = "";
  let before: number | null = null;
  for (const row of rows) {
    const at = Date.parse(row.ts);
    const x = WIDTH * (1 - (until - at) / length);
    const y = (HEIGHT / 2) * (1 - row.imbalance);
    path += `${before === null || at - before > HOLE ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    before = at;
  }
  return path;
}

export function Imbalance({ state, of }: { readonly state: BookState; readonly of: Followed }) {
  const history = useReading("book/history", { symbol: state.symbol, venue: state.venue, fields: "ts,imbalance", limit: MINUTES * 60 }, { every: 5_000 });
  const value = of.book?.imbalance ?? null;
  const side = value === null ? "" : value > 0 ? "more bids" : value < 0 ? "more asks" : "even";
  return (
    <Panel span={4} title="Imbalance" note={`best 20 levels, −1 (asks only) to 1 (bids only), the last ${MINUTES} min`} padded>
      <div class="balance" role="img" aria-label={`Imbalance ${number(value, 2)}: ${side}`}>
        <strong class={value === null ? "" : value > 0 ? "up" : "down"}>
          {value === null ? "–" : `${value > 0 ? "▲ +" : value < 0 ? "▼ −" : ""}${Math.abs(value).toFixed(2)}`}
        </strong>
        <span class="dim">{side}</span>
        <div class="beam">
          <i class={value !== null && value > 0 ? "bid" : "ask"} style={value === null ? {} : { left: `${value < 0 ? 50 + value * 50 : 50}%`, width: `${Math.abs(value) * 50}%` }} />
        </div>
      </div>
      <Loaded of={history} rows={3} emptyTitle="No states stored">
        {(answer) => {
          const rows = rowsOf<Row>(answer).filter((row) => typeof row.imbalance === "number").reverse();
          const until = Date.parse(rows[rows.length - 1]?.ts ?? "");
          return (
            <svg class="balance-line" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label="Imbalance of the last minutes">
              <line x1={0} x2={WIDTH} y1={HEIGHT / 2} y2={HEIGHT / 2} class="axis" />
              <path d={lineOf(rows, until, MINUTES * 60_000)} />
            </svg>
          );
        }}
      </Loaded>
    </Panel>
  );
}
