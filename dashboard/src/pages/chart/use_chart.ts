import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ask } from "../../api/client";
import { readTheme } from "../../charts/theme";
import type { Span } from "../../charts/window";
import { theme } from "../../ui/theme";
import { setParameters } from "../../ui/router";
import { Drawing } from "./drawing";
import { Feed } from "./feed";
import type { OwnIndicator } from "./lines_of";
import { useLive } from "./live";
import { askOverlays, NO_ROWS, type OverlayRows, type Told } from "./overlays";
import { allShapes } from "./all_shapes";
import { type ChartState, moment, type Overlay } from "./state";

/** Milliseconds after which overlays of the newest bars are asked for again. */
const OVERLAYS_EVERY = 15_000;

export interface Overlaid {
  readonly rows: OverlayRows;
  readonly told: ReadonlyMap<Overlay, Told>;
}

/** The chart of a state of the page: its drawing, its feed, and what lies over it. */
export function useChart(state: ChartState, catalogue: readonly OwnIndicator[]) {
  const place = useRef<HTMLDivElement>(null);
  const [drawing, setDrawing] = useState<Drawing | null>(null);
  const [stretch, setStretch] = useState<Span | null>(null);
  const newest = useRef(state);
  newest.current = state;

  useEffect(() => {
    if (place.current === null) return undefined;
    const made = new Drawing(place.current, readTheme(), {
      onStretch: (held) => {
        setStretch((before) => (before?.from === held.from && before.to === held.to ? before : held));
        keepView(made);
      },
    });
    setDrawing(made);
    const observer = new ResizeObserver(() => made.measure());
    observer.observe(place.current);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, []);

  const look = theme.value;
  useEffect(() => drawing?.restyle(readTheme()), [drawing, look]);

  const feed = useFeed(state, drawing, newest);
  const chosen = [...state.indicators, ...state.own].join();
  const own = catalogue.filter((each) => state.own.has(each.name));
  useEffect(() => {
    if (drawing === null) return;
    drawing.choose(state.indicators, own);
    if (feed === null || feed.loading || (feed.chosen === state.indicators && feed.own === state.own)) return;
    feed.chosen = state.indicators;
    feed.own = state.own;
    void feed.indicators().then(() => drawing.choose(state.indicators, own));
  }, [drawing, feed, chosen, own.length]);

  const live = useLive(state, feed);
  const overlaid = useOverlays(state, stretch, live.closed);
  const version = drawing?.version.value ?? 0;
  useEffect(() => {
    if (drawing === null || feed === null) return;
    const shapes = allShapes(state, feed.bars, drawing.holes(), overlaid.rows);
    drawing.setShapes(shapes.price, shapes.volume);
  }, [drawing, feed, overlaid, version, stretch, state.asOf]);
  return { place, drawing, feed, live, overlaid };
}

function useFeed(state: ChartState, drawing: Drawing | null, newest: { readonly current: ChartState }): Feed | null {
  const [feed, setFeed] = useState<Feed | null>(null);
  const [, again] = useState(0);
  const of = `${state.venue} ${state.symbol} ${state.timeframe}`;
  const before = useRef("");
  useEffect(() => {
    if (drawing === null) return undefined;
    const sameBars = before.current === of;
    before.current = of;
    const made = new Feed(ask, newest.current, (change) => {
      if (made.trouble === null) drawing.apply(change, sameBars, made.state.view);
      again((count) => count + 1);
    });
    drawing.follow(made);
    setFeed(made);
    void made.begin();
    return () => made.end();
  }, [drawing, of, state.asOf]);
  return feed;
}

function useOverlays(state: ChartState, stretch: Span | null, closed: number): Overlaid {
  const [overlaid, setOverlaid] = useState<Overlaid>({ rows: NO_ROWS, told: new Map() });
  const [round, setRound] = useState(0);
  const of = [state.venue, state.symbol, state.timeframe, state.asOf, [...state.overlays].join()].join(" ");
  const key = useMemo(() => of, [of]);
  useEffect(() => {
    if (state.asOf !== null) return undefined;
    const timer = setInterval(() => !document.hidden && setRound((count) => count + 1), OVERLAYS_EVERY);
    return () => clearInterval(timer);
  }, [state.asOf]);
  useEffect(() => {
    if (stretch === null) return undefined;
    const running = new AbortController();
    void askOverlays(ask, state, stretch, running.signal).then((answer) => {
      if (!running.signal.aborted) setOverlaid(answer);
    });
    return () => running.abort();
  }, [key, stretch?.from, stretch?.to, round, closed]);
  return overlaid;
}

let keeping: ReturnType<typeof setTimeout> | null = null;

/** The address follows what is seen, half a second behind. */
function keepView(drawing: Drawing): void {
  if (keeping !== null) clearTimeout(keeping);
  keeping = setTimeout(() => {
    keeping = null;
    if (!location.hash.startsWith("#/chart")) return;
    const view = drawing.view();
    setParameters({ to: view === null ? null : moment(view.to), bars: view === null ? null : String(view.bars) });
  }, 500);
}
