/** The heatmap with its legend, its controls and what one points at. */
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Resource } from "../../api/asker";
import { readTheme } from "../../charts/theme";
import { clock, compact, decimalsFor, number, price } from "../../ui/format";
import { now } from "../../ui/clock";
import { Panel, Tabs } from "../../ui/parts";
import { setParameters } from "../../ui/router";
import { Empty, Failure, Loading, StaleBar } from "../../ui/states";
import { theme } from "../../ui/theme";
import { bubblesOf } from "./bubbles";
import { marksOf, shareOf } from "./grid";
import { HeatChart, type Pointed } from "./heat_chart";
import { gradient } from "./palette";
import type { Bounds } from "./picture";
import { type BookState, lengthOf, REACHES, WINDOWS } from "./state";
import type { Kept } from "./use_depth";

export function Heatmap({ state, of }: { readonly state: BookState; readonly of: Resource<Kept> }) {
  const place = useRef<HTMLDivElement>(null);
  const [chart, setChart] = useState<HeatChart | null>(null);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [bounds, setBounds] = useState<Bounds | null>(null);
  useEffect(() => {
    if (place.current === null) return undefined;
    const made = new HeatChart(place.current, readTheme(), setPointed);
    setChart(made);
    return () => made.destroy();
  }, []);
  const look = theme.value;
  useEffect(() => chart?.restyle(readTheme()), [chart, look]);
  useEffect(() => chart?.setReach(state.reach), [chart, state.reach]);

  const kept = of.data;
  const length = lengthOf(state.window);
  const second = Math.floor(now.value / 1000);
  useEffect(() => {
    if (chart === null) return;
    const slots = chart.show(kept?.columns ?? [], now.value, length);
    setBounds(chart.bounds);
    const mid = kept?.columns[kept.columns.length - 1]?.mid;
    if (mid !== undefined) chart.setPrecision(Math.min(8, decimalsFor(mid, 7)));
    chart.showBubbles(state.trades ? bubblesOf(kept?.trades ?? [], slots) : []);
    (window as { heatmapCost?: number }).heatmapCost = chart.cost;
  }, [chart, kept, second, length, state.trades]);

  const step = kept?.columns[0]?.binBps ?? 2;
  const unit = kept?.unit || "base units";
  const nothing = kept !== null && kept.columns.length === 0;
  const actions = (
    <>
      <Tabs label="Window" tabs={WINDOWS.map(({ name }) => ({ name, title: name }))} chosen={state.window} choose={(window) => setParameters({ window })} />
      <Tabs
        label="Price range"
        tabs={REACHES.map((reach) => ({ name: String(reach), title: `±${reach / 100} %` }))}
        chosen={String(state.reach)}
        choose={(reach) => setParameters({ reach })}
      />
      <button type="button" class="button quiet" aria-pressed={state.trades} onClick={() => setParameters({ trades: state.trades ? "off" : null })}>
        {state.trades ? "Hide trades" : "Show trades"}
      </button>
    </>
  );
  return (
    <Panel span={8} title="Depth over time" note={`${unit} resting per ${number(step)} bp of price, UTC`} actions={actions} footer={<Legend bounds={bounds} unit={unit} />}>
      {of.state === "stale" ? <StaleBar of={of} /> : null}
      <div class={`heat-place${of.state === "stale" ? " aged" : ""}`}>
        <div class="heat-canvas" ref={place} role="img" aria-label={`Order-book heatmap of ${state.symbol} on ${state.venue}, the last ${state.window}`} />
        {pointed ? <Tip at={pointed} unit={unit} /> : null}
        {kept === null ? <div class="heat-over">{of.state === "failed" ? <Failure of={of} /> : <Loading rows={8} label="Loading depth" />}</div> : null}
        {nothing ? (
          <div class="heat-over">
            <Empty title={`No depth of ${state.symbol} on ${state.venue} in the last ${state.window}`}>
              It is stored every two seconds while the book is synced: is the symbol tracked, and its stream running?
            </Empty>
          </div>
        ) : null}
      </div>
    </Panel>
  );
}

function Tip({ at, unit }: { readonly at: Pointed; readonly unit: string }) {
  const left = at.x > 320;
  const style = { top: `${at.y + 14}px`, ...(left ? { left: `${at.x - 14}px`, transform: "translateX(-100%)" } : { left: `${at.x + 14}px` }) };
  return (
    <div class="heat-tip" style={style}>
      <span>{clock(at.at)} UTC</span>
      <span>
        {price(at.low, 7)} to {price(at.high, 7)}
      </span>
      <strong>{at.size === null ? "not known" : at.size === 0 ? "empty" : `${compact(at.size)} ${unit}`}</strong>
      {at.size ? <span>worth about {compact(at.size * Math.sqrt(at.low * at.high))}</span> : null}
    </div>
  );
}

function Legend({ bounds, unit }: { readonly bounds: Bounds | null; readonly unit: string }) {
  const marks = useMemo(() => (bounds ? marksOf(bounds) : []), [bounds]);
  return (
    <div class="heat-legend">
      <span class="key">
        <i class="unknown-key" /> unknown
      </span>
      <span class="key">
        <i class="empty-key" /> empty
      </span>
      <div class="scale" role="img" aria-label={bounds ? `Colours from ${number(bounds.low, 2)} to ${number(bounds.high, 2)} ${unit}, logarithmic` : "Colours of size"}>
        <div class="ramp" style={{ background: gradient() }} />
        {bounds
          ? marks.map((mark) => (
              <span key={mark} class="tick" style={{ left: `${shareOf(mark, bounds) * 100}%` }}>
                {compact(mark)}
              </span>
            ))
          : null}
      </div>
      <span class="key">{unit}, log scale</span>
      <span class="key">
        <i class="bubble up-key" /> bought <i class="bubble down-key" /> sold: area is worth; a white rim: a large trade
      </span>
    </div>
  );
}
