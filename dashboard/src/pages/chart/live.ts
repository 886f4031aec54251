import { useEffect, useRef, useState } from "preact/hooks";
import { type Bar, seconds } from "../../charts/bars";
import type { Row } from "../../live/protocol";
import { live } from "../../live/socket";
import type { Feed } from "./feed";
import type { ChartState } from "./state";

/** Milliseconds between questions where there is no stream (ours). */
export const POLL_EVERY = 3_000;

/** Bars that wait for a feed at most: a snapshot and some seconds (ours). */
const MOST_TOLD = 1_000;

export interface Liveness {
  /** past: a moment of the past is looked at. */
  readonly kind: "stream" | "polling" | "past";
  /** Why it is not the stream. */
  readonly reason: string;
  /** Counts bars that closed while one looks. */
  readonly closed: number;
}

/** A bar as `/ws` tells it; null where it is none. */
export function barOfRow(row: Row): Bar | null {
  const time = seconds(row["ts"]);
  const [open, high, low, close] = ["open", "high", "low", "close"].map((name) => row[name]);
  if (time === null || ![open, high, low, close].every(Number.isFinite)) return null;
  const volume = row["volume"];
  return {
    time,
    open: open as number,
    high: high as number,
    low: low as number,
    close: close as number,
    volume: typeof volume === "number" ? volume : null,
    closed: row["closed"] !== false,
  };
}

/** Keeps a feed at the newest bar: by the stream, and by asking where that does not come. */
export function useLive(state: ChartState, feed: Feed | null): Liveness {
  const [refused, setRefused] = useState("");
  const [closed, setClosed] = useState(0);
  const holder = useRef(feed);
  holder.current = feed;
  const past = state.asOf !== null;
  const { symbol, venue, timeframe } = state;
  const isLive = live.state.value === "live" && refused === "";
  const lastClosed = useRef(0);
  // what was told before there was a feed to take it
  const told = useRef<Bar[]>([]);

  useEffect(() => {
    if (past) return undefined;
    setRefused("");
    told.current = [];
    return live.subscribe(
      "candles",
      { symbol, venue, timeframe },
      ({ rows }) => {
        const bars = rows.map(barOfRow).filter((bar) => bar !== null);
        bars.sort((a, b) => a.time - b.time);
        if (holder.current === null) told.current = [...told.current, ...bars].slice(-MOST_TOLD);
        else for (const bar of bars) holder.current.live(bar);
        const newest = Math.max(...bars.filter((bar) => bar.closed).map((bar) => bar.time));
        if (newest > lastClosed.current) {
          if (lastClosed.current > 0) setClosed((count) => count + 1);
          lastClosed.current = newest;
        }
      },
      setRefused,
    );
  }, [past, symbol, venue, timeframe]);

  useEffect(() => {
    if (feed !== null) for (const bar of told.current.splice(0)) feed.live(bar);
  }, [feed]);

  useEffect(() => {
    if (past || isLive) return undefined;
    const timer = setInterval(() => {
      const here = holder.current;
      if (document.hidden || here === null) return;
      // what never came is asked from the start
      if (here.store.last === undefined) void here.begin();
      else void here.poll();
    }, POLL_EVERY);
    return () => clearInterval(timer);
  }, [past, isLive]);

  // indicators of bars that closed: a little later, when they are computed
  useEffect(() => {
    const here = holder.current;
    const last = here?.store.last;
    if (closed === 0 || here === null || last === undefined) return undefined;
    const timer = setTimeout(() => void here.indicators(last.time - 3 * here.step), 3_000);
    return () => clearTimeout(timer);
  }, [closed]);

  if (past) return { kind: "past", reason: "", closed };
  if (isLive) return { kind: "stream", reason: "", closed };
  return { kind: "polling", reason: refused || live.reason.value || "no stream is connected", closed };
}
