import { useEffect, useRef, useState } from "preact/hooks";
import { secondsOf } from "../../charts/timeframes";
import { now } from "../../ui/clock";
import { count, duration, fullTime } from "../../ui/format";
import { stepped } from "./knowledge";
import { setAsOf } from "./set_as_of";
import { type ChartState, moment } from "./state";

interface Props {
  readonly state: ChartState;
  /** Open time of the oldest bar that is held, seconds UTC. */
  readonly first: number | null;
  /** Bars that are held; null while they are on their way. */
  readonly held: number | null;
  /** Bars that were collected after that moment stand in, with today's values. */
  readonly collectedLater: boolean;
}

/** The moment whose knowledge is shown: by date, by slider, bar by bar. All times are UTC. */
export function TimeMachine({ state, first, held, collectedLater }: Props) {
  const { asOf, timeframe } = state;
  const [sliding, slide] = useState<number | null>(null);
  const later = useRef<ReturnType<typeof setTimeout> | null>(null);
  const oldest = useRef<number | null>(null);
  if (first !== null && (asOf === null || oldest.current === null || first < oldest.current)) oldest.current = first;
  useEffect(() => slide(null), [asOf]);
  if (asOf === null) return null;
  const step = secondsOf(timeframe);
  const shown = sliding ?? asOf;
  const end = Math.floor(now.value / 1_000);
  const go = (to: number | null) => {
    if (later.current !== null) clearTimeout(later.current);
    later.current = setTimeout(() => setAsOf(to), 120);
  };
  const move = (to: number) => {
    slide(to);
    go(to >= end ? null : to);
  };
  return (
    <div class="time-machine" role="group" aria-label="Time machine">
      <strong>As known at</strong>
      <input
        class="input"
        type="datetime-local"
        aria-label="As known at (UTC)"
        value={moment(shown).slice(0, 16)}
        max={moment(end).slice(0, 16)}
        onChange={(event) => {
          const to = Date.parse(`${event.currentTarget.value}Z`) / 1_000;
          if (!Number.isNaN(to)) move(to);
        }}
      />
      <span class="dim">UTC</span>
      <button type="button" class="button" aria-label="A bar back" title="A bar back (←)" onClick={() => setAsOf(stepped(asOf, -1, timeframe, end))}>
        ◂
      </button>
      <button type="button" class="button" aria-label="A bar forward" title="A bar forward (→)" onClick={() => setAsOf(stepped(asOf, 1, timeframe, end))}>
        ▸
      </button>
      <input
        type="range"
        aria-label="Moment"
        min={Math.min(oldest.current ?? asOf - 500 * step, asOf)}
        max={end}
        step={step}
        value={shown}
        onInput={(event) => move(Number(event.currentTarget.value))}
      />
      <button type="button" class="button" onClick={() => setAsOf(null)}>
        Back to now
      </button>
      <p>
        {fullTime(asOf * 1_000)}, {duration((end - asOf) * 1_000)} ago: {held === null ? "the bars of then are on their way." : `${count(held)} bars had closed by then.`}{" "}
        {held === null ? "" : collectedLater
          ? "This platform did not collect them yet: they are shown with the values that it has today. What could not be known then is hidden."
          : "They have the values that were known then; later bars, patterns, signals and corrections are hidden."}
      </p>
    </div>
  );
}
