import { VOLUME_PANE, PRICE_PANE } from "../../charts/price_chart";
import { type Bar, placeOf } from "../../charts/bars";
import { compact, fullTime, percent, price, UNKNOWN } from "../../ui/format";
import { readTheme } from "../../charts/theme";
import { theme } from "../../ui/theme";
import { unitsOf } from "./all_shapes";
import type { Drawing } from "./drawing";
import type { Feed } from "./feed";
import type { ChartState } from "./state";

interface Props {
  readonly state: ChartState;
  readonly drawing: Drawing;
  readonly feed: Feed | null;
  readonly version: number;
}

/** Values under the crosshair, or of the newest bar, over each pane: with their unit and their time. */
export function Legends({ state, drawing, feed }: Props) {
  const pointing = drawing.pointing.value;
  const tops = drawing.tops.value;
  const lines = drawing.lines.value;
  const bars = feed?.bars ?? [];
  const at = pointing?.time ?? bars[bars.length - 1]?.time ?? null;
  if (at === null) return null;
  const place = placeOf(bars, at);
  const bar = bars[place]?.time === at ? (bars[place] as Bar) : null;
  const before = bars[place - 1];
  const { base, quote } = unitsOf(state.symbol);
  const change = bar !== null && before !== undefined ? bar.close / before.close - 1 : null;
  const colours = theme.value && readTheme().lines;
  const lineTime = valueTime(bars, place, lines);
  return (
    <>
      <div class="chart-legend" style={{ top: `${(tops[PRICE_PANE] ?? 0) + 6}px` }}>
        <div>
          <strong>{state.symbol}</strong> <span class="dim">{state.venue} · {state.timeframe} · {quote}</span>
        </div>
        <div class="chart-values">
          <time class="dim">{fullTime(at * 1_000)}</time>
          {bar === null ? (
            <span class="wrong">no bar: it is missing</span>
          ) : (
            <>
              <span>O <b>{price(bar.open)}</b></span>
              <span>H <b>{price(bar.high)}</b></span>
              <span>L <b>{price(bar.low)}</b></span>
              <span>C <b>{price(bar.close)}</b></span>
              <span class={change === null ? "" : change >= 0 ? "up" : "down"} title="Against the close before">
                {change === null ? UNKNOWN : percent(change)}
              </span>
              {bar.closed ? null : <span class="badge accent">forming</span>}
            </>
          )}
        </div>
        <div class="chart-values">
          {lines
            .filter((line) => line.pane === PRICE_PANE)
            .map((line) => (
              <LineValue key={line.id} title={line.title} colour={colours[line.colour] ?? ""} value={line.valueAt(lineTime(line.pane) ?? at)} decimals={null} />
            ))}
        </div>
      </div>
      <div class="chart-legend" style={{ top: `${(tops[VOLUME_PANE] ?? 0) + 4}px` }}>
        <div class="chart-values">
          <span>Volume <b>{compact(bar?.volume ?? null)}</b> <span class="dim">{base}</span></span>
        </div>
      </div>
      {[...new Set(lines.map((line) => line.pane))]
        .filter((pane) => pane > VOLUME_PANE)
        .map((pane) => (
          <div key={pane} class="chart-legend" style={{ top: `${(tops[pane] ?? 0) + 4}px` }}>
            <div class="chart-values">
              {lines
                .filter((line) => line.pane === pane)
                .map((line) => (
                  <LineValue key={line.id} title={line.title} colour={colours[line.colour] ?? ""} value={line.valueAt(lineTime(pane) ?? at)} decimals={line.decimals ?? 2} />
                ))}
            </div>
          </div>
        ))}
    </>
  );
}

/** A forming bar has no indicators yet: those of the bar before stand, as everywhere. */
function valueTime(bars: readonly Bar[], place: number, lines: Drawing["lines"]["value"]) {
  return (pane: number): number | null => {
    const first = lines.find((line) => line.pane === pane);
    if (first === undefined) return null;
    for (const near of [place, place - 1, place - 2]) {
      const time = bars[near]?.time;
      if (time !== undefined && first.valueAt(time) !== null) return time;
    }
    return null;
  };
}

interface LineValueProps {
  readonly title: string;
  readonly colour: string;
  readonly value: number | null;
  readonly decimals: number | null;
}

function LineValue({ title, colour, value, decimals }: LineValueProps) {
  const shown = value === null ? UNKNOWN : decimals === null ? price(value) : value.toFixed(decimals).replace("-", "−");
  return (
    <span>
      <i class="swatch" style={{ background: colour }} /> {title} <b>{shown}</b>
    </span>
  );
}

const MOST_TOLD = 3;

/** What one points at, in sentences. */
export function Tooltip({ drawing }: { readonly drawing: Drawing }) {
  const pointing = drawing.pointing.value;
  if (pointing === null || pointing.shapes.length === 0) return null;
  const told = [...new Map(pointing.shapes.map((shape) => [shape.words?.join("\n"), shape])).values()].slice(0, MOST_TOLD);
  const { width, height } = drawing.size();
  const style = {
    ...(pointing.x < width / 2 ? { left: `${pointing.x + 16}px` } : { right: `${width - pointing.x + 16}px` }),
    // told above the place where there is no room below it
    ...(pointing.y < height * 0.6 ? { top: `${Math.max(8, pointing.y - 12)}px` } : { bottom: `${Math.max(8, height - pointing.y - 12)}px` }),
  };
  return (
    <div class="chart-tip" role="tooltip" style={style}>
      {told.map((shape) => (
        <div key={shape.id}>
          {(shape.words ?? []).slice(0, 9).map((line, place) => (place === 0 ? <strong key={place}>{line}</strong> : <span key={place}>{line}</span>))}
        </div>
      ))}
    </div>
  );
}
