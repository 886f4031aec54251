import { useMemo } from "preact/hooks";
import { rowsOf } from "../../api/client";
import { useNamed } from "../../api/named";
import { fullTime } from "../../ui/format";
import { route, setParameters } from "../../ui/router";
import { Failure, Loading } from "../../ui/states";
import { now } from "../../ui/clock";
import { TIMEFRAMES } from "../../charts/timeframes";
import { useKeys } from "../../ui/use_keys";
import "../../charts/charts.css";
import { closeOf } from "./alike";
import { AlikePanel } from "./alike_panel";
import "./chart.css";
import { stepped } from "./knowledge";
import type { OwnIndicator } from "./lines_of";
import { Legends, Tooltip } from "./legend";
import { setAsOf } from "./set_as_of";
import { Standing } from "./standing";
import { stateOf } from "./state";
import { TimeMachine } from "./time_machine";
import { Toolbar } from "./toolbar";
import { useChart } from "./use_chart";

export function View() {
  const { parameters } = route.value;
  const text = parameters.toString();
  const state = useMemo(() => stateOf(new URLSearchParams(text)), [text]);
  const catalogue = useNamed("indicator_catalogue", { relation: "indicator_series", limit: 500 });
  const own = useMemo(() => (catalogue.resource.data === null ? [] : rowsOf<OwnIndicator>(catalogue.resource.data)), [catalogue.resource.data]);
  const { place, drawing, feed, live, overlaid } = useChart(state, own);
  // by the address as it is at the stroke: a second one may come before the first is drawn
  const travel = (by: number) => {
    const { asOf, timeframe } = stateOf(route.peek().parameters);
    setAsOf(stepped(asOf, by, timeframe, now.peek() / 1_000));
  };
  const sideways = (by: number) => (state.asOf === null ? drawing?.pan(by * 0.15) : travel(by));
  // the last closed bar that is meant: under the crosshair, else the newest that is held
  const findAlike = () => {
    const closed = (feed?.bars ?? []).filter((bar) => bar.closed);
    const pointed = drawing?.pointing.peek()?.time ?? null;
    const last = (pointed === null ? undefined : closed.find((bar) => bar.time === pointed)) ?? closed[closed.length - 1];
    if (last !== undefined && feed !== null) setParameters({ alike: closeOf(last.time, feed.step) });
  };
  const alike = parameters.get("alike");
  useKeys([
    ...TIMEFRAMES.map((timeframe, place) => ({
      keys: String(place + 1),
      meaning: `bars of ${timeframe}`,
      run: () => setParameters({ timeframe, to: null, bars: null }),
    })),
    { keys: "ArrowLeft", meaning: "back: the view, or the time machine by a bar", run: () => sideways(-1) },
    { keys: "ArrowRight", meaning: "forward: the view, or the time machine by a bar", run: () => sideways(1) },
    { keys: "+", meaning: "fewer bars", run: () => drawing?.zoom(0.75) },
    { keys: "=", meaning: "fewer bars", run: () => drawing?.zoom(0.75) },
    { keys: "-", meaning: "more bars", run: () => drawing?.zoom(1.35) },
    { keys: "End", meaning: "the newest bars", run: () => drawing?.seeNewest() },
    { keys: "Home", meaning: "all bars that are held", run: () => drawing?.seeAll() },
    { keys: "b", meaning: "the time machine: back by a bar", run: () => travel(-1) },
    { keys: "l", meaning: "bars that look like those up to the crosshair", run: () => findAlike() },
    { keys: "Escape", meaning: "leave the time machine", run: () => setAsOf(null) },
  ]);
  const version = drawing?.version.value ?? 0;
  const bars = feed?.bars ?? [];
  const nothing = feed !== null && !feed.loading && bars.length === 0;
  return (
    <div class={`chart-page${state.asOf === null ? "" : " past"}`}>
      <Toolbar state={state} own={own} told={overlaid.told} drawing={drawing} alike={bars.length > 0 ? findAlike : null} />
      <TimeMachine state={state} first={bars[0]?.time ?? null} held={feed === null || feed.loading ? null : bars.length} collectedLater={feed?.collectedLater ?? false} />
      <div class="chart-place">
        <div class="chart-canvas" ref={place} aria-label={`${state.symbol} on ${state.venue}, ${state.timeframe}`} role="img" />
        {drawing !== null && bars.length > 0 ? <Legends state={state} drawing={drawing} feed={feed} version={version} /> : null}
        {drawing === null ? null : <Tooltip drawing={drawing} />}
        {feed === null || (feed.loading && bars.length === 0 && feed.trouble === null && version === 0) ? (
          <div class="chart-over">
            <Loading rows={8} label="Loading bars" />
          </div>
        ) : null}
        {nothing ? (
          <div class="chart-over">
            {feed.trouble === null ? (
              <div class="state" role="status">
                <strong>No {state.timeframe} bars of {state.symbol} on {state.venue}</strong>
                <p>
                  {state.asOf === null
                    ? "None were collected yet: is the symbol tracked?"
                    : `None were known at ${fullTime(state.asOf * 1_000)}.`}
                </p>
              </div>
            ) : (
              <Failure of={{ state: "failed", data: null, at: null, error: feed.trouble, retryAt: null, again: () => void feed.begin() }} />
            )}
          </div>
        ) : null}
      </div>
      <Standing state={state} feed={feed} live={live} told={overlaid.told} />
      {alike === null || Number.isNaN(Date.parse(alike)) ? null : <AlikePanel state={state} at={alike} />}
    </div>
  );
}
