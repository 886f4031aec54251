import { type Columns, Problem, type Question } from "../../api/client";
import { secondsOf } from "../../charts/timeframes";
import type { Ask } from "./feed";
import * as rows from "./rows";
import { type ChartState, moment, type Overlay } from "./state";

/** Rows of all overlays that are on, of a stretch of time. */
export interface OverlayRows {
  readonly gaps: readonly rows.Gap[];
  readonly signals: readonly rows.Signal[];
  /** What became of them, where the API tells it. */
  readonly became: readonly rows.Became[];
  readonly patterns: readonly rows.ChartPattern[];
  readonly candlesticks: readonly rows.Candlestick[];
  readonly volume: readonly rows.VolumePattern[];
  readonly outcomes: readonly rows.Outcome[];
  readonly zones: readonly rows.Zone[];
  readonly whales: readonly rows.Whale[];
  readonly walls: readonly rows.Wall[];
  readonly profile: readonly rows.Profile[];
}

export const NO_ROWS: OverlayRows = {
  gaps: [],
  signals: [],
  became: [],
  patterns: [],
  candlesticks: [],
  volume: [],
  outcomes: [],
  zones: [],
  whales: [],
  walls: [],
  profile: [],
};

/** What became of the question of an overlay: how many rows, or why there are none. */
export type Told = { readonly count: number } | { readonly error: string };

export interface Stretch {
  readonly from: number;
  readonly to: number;
}

interface Asking {
  readonly overlay: Overlay;
  readonly fills: keyof OverlayRows;
  readonly path: string;
  readonly read: (answer: Columns) => readonly unknown[];
  readonly question: (state: ChartState, stretch: Stretch) => Question;
  /** It adds to what an overlay shows: that it could not be asked does not take the overlay away. */
  readonly adds?: boolean;
}

const MONTH = 30 * 86_400;

function between({ from, to }: Stretch, before = 0): Question {
  return { start: moment(from - before), end: moment(to) };
}

const ofBars = (state: ChartState): Question => ({ timeframe: state.timeframe });

/** What came after the patterns of a family, as far as it is over. */
function outcomesFor(overlay: Overlay, family: string): Asking {
  return {
    overlay,
    fills: "outcomes",
    path: "patterns/outcomes",
    read: rows.outcomesOf,
    question: (state, stretch) => ({
      ...ofBars(state),
      ...between(stretch),
      family,
      fields: "ts,family,pattern,horizon,directed_pct,first_touch,reference",
      limit: 10_000,
    }),
  };
}

const ASKED: readonly Asking[] = [
  { overlay: "gaps", fills: "gaps", path: "gaps", read: rows.gapsOf, question: (_, stretch) => ({ ...between(stretch, MONTH), limit: 1_000 }) },
  {
    overlay: "signals",
    fills: "signals",
    path: "signals",
    read: rows.signalsOf,
    // one that was told before may still stand
    question: (state, stretch) => ({ ...ofBars(state), ...between(stretch, 50 * secondsOf(state.timeframe)), limit: 2_000 }),
  },
  {
    overlay: "signals",
    fills: "became",
    path: "signals/outcomes",
    read: rows.becameOf,
    question: (state, stretch) => ({ ...ofBars(state), ...between(stretch, 50 * secondsOf(state.timeframe)), limit: 2_000 }),
    adds: true,
  },
  {
    overlay: "patterns",
    fills: "patterns",
    path: "patterns/chart",
    read: rows.chartPatternsOf,
    question: (state, stretch) => ({ ...ofBars(state), ...between(stretch), limit: 2_000 }),
  },
  {
    overlay: "candlesticks",
    fills: "candlesticks",
    path: "patterns/candlestick",
    read: rows.candlesticksOf,
    question: (state, stretch) => ({ ...ofBars(state), ...between(stretch), limit: 10_000 }),
  },
  {
    overlay: "volume",
    fills: "volume",
    path: "patterns/volume",
    read: rows.volumePatternsOf,
    question: (state, stretch) => ({ ...ofBars(state), ...between(stretch), limit: 5_000 }),
  },
  outcomesFor("candlesticks", "candlestick"),
  outcomesFor("volume", "volume"),
  {
    overlay: "whales",
    fills: "whales",
    path: "whales",
    read: rows.whalesOf,
    question: (_, stretch) => ({ ...between(stretch), kind: "large_trade", limit: 1_000 }),
  },
  { overlay: "walls", fills: "walls", path: "whales/walls", read: rows.wallsOf, question: (_, stretch) => ({ ...between(stretch), limit: 400 }) },
  {
    overlay: "profile",
    fills: "profile",
    path: "volume/profiles",
    read: rows.profilesOf,
    question: (_, stretch) => ({ ...between(stretch, 86_400), limit: 40 }),
  },
];

/** Zones are read each ten seconds: those of the last reading count. */
function zonesQuestion(state: ChartState): { path: string; question: Question } {
  if (state.asOf === null) return { path: "liquidity/zones/now", question: { limit: 200 } };
  return { path: "liquidity/zones", question: { start: moment(state.asOf - 600), end: moment(state.asOf), limit: 400 } };
}

/** All overlays that are on, asked at once: one that fails leaves the others whole. */
export async function askOverlays(
  ask: Ask,
  state: ChartState,
  stretch: Stretch,
  signal: AbortSignal,
): Promise<{ rows: OverlayRows; told: ReadonlyMap<Overlay, Told> }> {
  const found: Record<string, readonly unknown[]> = { ...NO_ROWS };
  const told = new Map<Overlay, Told>();
  const of = { symbol: state.symbol, venue: state.venue };
  const asked = ASKED.filter(({ overlay }) => state.overlays.has(overlay)).map(async ({ overlay, fills, path, read, question, adds }) => {
    const result = await attempt(ask, path, { ...of, ...question(state, stretch) }, state.asOf, signal);
    if (adds === true) found[fills] = result instanceof Error ? [] : read(result);
    else if (result instanceof Error) told.set(overlay, { error: result.message });
    else if (fills === "outcomes") found[fills] = [...(found[fills] ?? []), ...read(result)];
    else {
      found[fills] = read(result);
      told.set(overlay, { count: found[fills].length });
    }
  });
  if (state.overlays.has("zones")) {
    const { path, question } = zonesQuestion(state);
    const zones = attempt(ask, path, { ...of, ...question }, state.asOf, signal).then((result) => {
      if (result instanceof Error) told.set("zones", { error: result.message });
      else {
        found["zones"] = rows.zonesOf(result);
        told.set("zones", { count: found["zones"].length });
      }
    });
    asked.push(zones);
  }
  await Promise.all(asked);
  return { rows: found as unknown as OverlayRows, told };
}

/** A question with `as_of`; one that has no such time is asked without, and our own rules hold rows back. */
async function attempt(ask: Ask, path: string, question: Question, asOf: number | null, signal: AbortSignal): Promise<Columns | Error> {
  const whole = async (asked: Question): Promise<Columns> => {
    const answer: Columns | null = await ask(path, asked, signal);
    if (answer === null) throw new Error("the answer was cut off");
    return answer;
  };
  try {
    if (asOf === null) return await whole(question);
    try {
      return await whole({ ...question, as_of: moment(asOf) });
    } catch (error) {
      if (error instanceof Problem && error.parameter === "as_of") return await whole(question);
      throw error;
    }
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
