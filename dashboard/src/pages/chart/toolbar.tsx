import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { instruments, loadInstruments } from "../../api/instruments";
import { TIMEFRAMES } from "../../charts/timeframes";
import { now } from "../../ui/clock";
import { Tabs } from "../../ui/parts";
import { setParameters } from "../../ui/router";
import type { Drawing } from "./drawing";
import { stepped } from "./knowledge";
import { isPrice, type OwnIndicator } from "./lines_of";
import type { Told } from "./overlays";
import { setAsOf } from "./set_as_of";
import { type ChartState, DEFAULT_INDICATORS, DEFAULT_OVERLAYS, INDICATORS, OVERLAYS, type Overlay, toggled, written } from "./state";

interface Props {
  readonly state: ChartState;
  readonly told: ReadonlyMap<Overlay, Told>;
  readonly drawing: Drawing | null;
  /** Indicators of the platform's own parameters that there are. */
  readonly own: readonly OwnIndicator[];
  /** Find bars that look alike; null while there are none to begin with. */
  readonly alike: (() => void) | null;
}

/** Symbol, length of bars, and what lies over them. */
export function Toolbar({ state, told, drawing, own, alike }: Props) {
  return (
    <div class="chart-toolbar">
      <Instrument state={state} />
      <Tabs
        label="Length of bars"
        tabs={TIMEFRAMES.map((name) => ({ name, title: name }))}
        chosen={state.timeframe}
        choose={(timeframe) => setParameters({ timeframe, to: null, bars: null })}
      />
      <Menu title="Indicators" count={state.indicators.size + own.filter((each) => state.own.has(each.name)).length}>
        {INDICATORS.map(({ id, title, pane }) => (
          <Choice
            key={id}
            title={title}
            about={pane ? "pane of its own" : "on the price"}
            on={state.indicators.has(id)}
            change={() => setParameters({ indicators: written(toggled(state.indicators, id), DEFAULT_INDICATORS) })}
          />
        ))}
        {own.map((each) => (
          <Choice
            key={each.name}
            title={each.name.replaceAll("_", " ")}
            about={`${each.description.replace(/\.$/, "")}; ${isPrice(each) ? "on the price" : "pane of its own"}`}
            on={state.own.has(each.name)}
            change={() => setParameters({ own: [...toggled(state.own, each.name)].join(",") || null })}
          />
        ))}
      </Menu>
      <Menu title="Overlays" count={state.overlays.size}>
        {OVERLAYS.map(({ id, title, words }) => (
          <Choice
            key={id}
            title={title}
            about={aboutOf(told.get(id), words)}
            wrong={hasFailed(told.get(id))}
            on={state.overlays.has(id)}
            change={() => setParameters({ overlays: written(toggled(state.overlays, id), DEFAULT_OVERLAYS) })}
          />
        ))}
      </Menu>
      <div class="chart-tools">
        <button
          type="button"
          class={state.asOf === null ? "button" : "button primary"}
          aria-pressed={state.asOf !== null}
          title="See what was known at a moment of the past (b)"
          onClick={() => setAsOf(state.asOf === null ? stepped(null, -1, state.timeframe, now.value / 1_000) : null)}
        >
          Time machine
        </button>
        <button type="button" class="button" title="Earlier bars that look like these, up to the crosshair or the newest one (l)" disabled={alike === null} onClick={() => alike?.()}>
          Find alike
        </button>
        <button type="button" class="button quiet" title="All bars that are held (Home)" onClick={() => drawing?.seeAll()}>
          All
        </button>
        <button type="button" class="button quiet" title="The newest bars (End)" onClick={() => drawing?.seeNewest()}>
          Newest
        </button>
      </div>
    </div>
  );
}

function Instrument({ state }: { readonly state: ChartState }) {
  useEffect(() => {
    loadInstruments().catch(() => undefined);
  }, []);
  const tracked = instruments.value.filter((each) => each.tracked);
  const chosen = `${state.venue} ${state.symbol}`;
  const venues = [...new Set(tracked.map((each) => each.venue))].sort();
  const listed = tracked.some((each) => `${each.venue} ${each.symbol}` === chosen);
  return (
    <select
      class="select chart-symbol"
      aria-label="Symbol and venue"
      value={chosen}
      onChange={(event) => {
        const [venue = "", ...symbol] = event.currentTarget.value.split(" ");
        setParameters({ venue, symbol: symbol.join(" "), to: null, bars: null });
      }}
    >
      {listed ? null : <option value={chosen}>{`${state.symbol} · ${state.venue}`}</option>}
      {venues.map((venue) => (
        <optgroup key={venue} label={venue}>
          {tracked
            .filter((each) => each.venue === venue)
            .map((each) => (
              <option key={each.symbol} value={`${venue} ${each.symbol}`}>
                {`${each.symbol} · ${venue}`}
              </option>
            ))}
        </optgroup>
      ))}
    </select>
  );
}

function aboutOf(told: Told | undefined, words: string): string {
  if (told === undefined) return words;
  return "error" in told ? told.error : `${words} (${told.count === 0 ? "none here" : `${told.count} here`})`;
}

function hasFailed(told: Told | undefined): boolean {
  return told !== undefined && "error" in told;
}

/** A list that opens below its title; it closes when one leaves it. */
function Menu({ title, count, children }: { readonly title: string; readonly count: number; readonly children: ComponentChildren }) {
  return (
    <details
      class="chart-menu"
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !event.currentTarget.open) return;
        event.currentTarget.open = false;
        event.preventDefault(); // the key has done its work
      }}
      onFocusOut={(event) => {
        const to = event.relatedTarget;
        if (to instanceof Node && !event.currentTarget.contains(to)) event.currentTarget.open = false;
      }}
    >
      <summary class="button">
        {title} <span class="dim">{count}</span>
      </summary>
      <div class="chart-choices" tabIndex={-1}>
        {children}
      </div>
    </details>
  );
}

interface ChoiceProps {
  readonly title: string;
  readonly about: string;
  readonly on: boolean;
  readonly wrong?: boolean;
  readonly change: () => void;
}

function Choice({ title, about, on, wrong, change }: ChoiceProps) {
  return (
    <label>
      <input type="checkbox" checked={on} onChange={change} />
      <span>
        {title}
        <small class={wrong ? "wrong" : "dim"}>{about}</small>
      </span>
    </label>
  );
}
