/** What has to be sold or bought to move price so far: cumulative depth by distance from mid. */
import { useMemo } from "preact/hooks";
import type { Resource } from "../../api/asker";
import { clock, compact } from "../../ui/format";
import { Panel } from "../../ui/parts";
import { Empty, Failure, Loading } from "../../ui/states";
import { cumulated, type DepthColumn, heightOf } from "./grid";
import type { BookState } from "./state";
import type { Kept } from "./use_depth";

const WIDTH = 360;
const HEIGHT = 170;
const FOOT = 20;

/** A staircase outwards from the middle; `sign` -1 to the left. */
export function pathOf(totals: readonly number[], sign: -1 | 1, step: number, most: number): string {
  const middle = WIDTH / 2;
  const y = (total: number) => (HEIGHT - FOOT) * (1 - total / most);
  let path = `M${middle} ${HEIGHT - FOOT}`;
  totals.forEach((total, at) => {
    const x = (place: number) => (middle + sign * place * step).toFixed(1);
    path += `L${x(at)} ${y(total).toFixed(1)}L${x(at + 1)} ${y(total).toFixed(1)}`;
  });
  return `${path}L${(middle + sign * totals.length * step).toFixed(1)} ${HEIGHT - FOOT}Z`;
}

export function Cumulative({ state, of }: { readonly state: BookState; readonly of: Resource<Kept> }) {
  const column = of.data?.columns[of.data.columns.length - 1];
  const unit = of.data?.unit || "base units";
  return (
    <Panel span={4} title="Cumulative depth" note={column ? `${unit} up to a distance from mid, ${clock(column.from)} UTC` : unit}>
      {column ? <Curve aged={of.state === "stale"} column={column} reach={state.reach} unit={unit} /> : of.state === "failed" ? <Failure of={of} /> : of.data ? <Empty title="No depth stored" /> : <Loading rows={5} />}
    </Panel>
  );
}

function Curve({ aged, column, reach, unit }: { readonly aged: boolean; readonly column: DepthColumn; readonly reach: number; readonly unit: string }) {
  const rows = Math.round(Math.log1p(reach / 1e4) / heightOf(column));
  const { bids, asks, most } = useMemo(() => {
    const below = cumulated(column.bids.slice(0, rows));
    const above = cumulated(column.asks.slice(0, rows));
    return { bids: below, asks: above, most: Math.max(below[below.length - 1] ?? 0, above[above.length - 1] ?? 0) || 1 };
  }, [column, rows]);
  const step = WIDTH / 2 / Math.max(rows, 1);
  const unknown = (totals: readonly number[], sign: -1 | 1) => {
    const width = (rows - totals.length) * step;
    if (width < 1) return null;
    return <rect class="unknown" x={sign < 0 ? 0 : WIDTH - width} y={0} width={width} height={HEIGHT - FOOT} fill="url(#book-unknown)" />;
  };
  const said = (totals: readonly number[]) => `${compact(totals[totals.length - 1] ?? null)} ${unit}${totals.length < rows ? " as far as known" : ""}`;
  return (
    <figure class={aged ? "curve aged" : "curve"}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`Within ${reach / 100} %: bids ${said(bids)}, asks ${said(asks)}`}>
        <defs>
          <pattern id="book-unknown" width="7" height="7" patternUnits="userSpaceOnUse">
            <path d="M-1 8 8 -1" stroke="currentColor" stroke-opacity="0.35" />
          </pattern>
        </defs>
        {unknown(bids, -1)}
        {unknown(asks, 1)}
        <path class="bids" d={pathOf(bids, -1, step, most)} />
        <path class="asks" d={pathOf(asks, 1, step, most)} />
        <line x1={WIDTH / 2} x2={WIDTH / 2} y1={0} y2={HEIGHT - FOOT} class="axis" />
        <text x={2} y={HEIGHT - 6}>−{reach / 100} %</text>
        <text x={WIDTH / 2} y={HEIGHT - 6} text-anchor="middle">mid</text>
        <text x={WIDTH - 2} y={HEIGHT - 6} text-anchor="end">+{reach / 100} %</text>
        <text x={WIDTH / 2 + 4} y={11}>top: {compact(most)} {unit}</text>
      </svg>
      <figcaption>
        <span class="up">Bids {said(bids)}</span>
        <span class="down">Asks {said(asks)}</span>
      </figcaption>
    </figure>
  );
}
