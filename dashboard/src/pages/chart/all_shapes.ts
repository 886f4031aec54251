import type { Bar } from "../../charts/bars";
import type { Hole } from "../../charts/gaps";
import type { Shape } from "../../charts/shapes";
import { secondsOf } from "../../charts/timeframes";
import { endsKnownAt, gapsKnownAt, knownAt, lives, spoken, wallsKnownAt } from "./knowledge";
import type { OverlayRows } from "./overlays";
import type { ChartPattern, Outcome } from "./rows";
import * as of from "./shapes_of";
import { moment, type ChartState } from "./state";

/** Patterns that ended are faint; no more than the newest so many (ours): all of them would hide the price. */
const ENDED_SHOWN = 6;
/** Signals that are over are faint boxes; no more than the newest so many. */
const SIGNALS_SHOWN = 12;

/** The currencies that prices and sizes are counted in: BTC/USDT:USDT is BTC, priced in USDT. */
export function unitsOf(symbol: string): { base: string; quote: string } {
  const [base = symbol, rest = ""] = symbol.split("/", 2);
  return { base, quote: rest.split(":", 1)[0] ?? "" };
}

/** Everything that lies over the bars, as it was known at the moment of the page. */
export function allShapes(
  state: ChartState,
  bars: readonly Bar[],
  holes: readonly Hole[],
  rows: OverlayRows,
): { price: Shape[]; volume: Shape[] } {
  const { asOf, overlays } = state;
  const { base, quote } = unitsOf(state.symbol);
  const step = secondsOf(state.timeframe);
  const last = bars[bars.length - 1];
  const now = asOf ?? (last === undefined ? 0 : last.time + step);
  const price: Shape[] = [];
  const volume: Shape[] = [];
  if (overlays.has("profile")) price.push(...knownProfiles(rows, asOf).flatMap((each) => of.profileShapes(each, base, quote)));
  if (overlays.has("gaps")) price.push(...of.gapShapes(holes, gapsKnownAt(rows.gaps, asOf)));
  if (overlays.has("zones")) price.push(...of.zoneShapes(rows.zones, quote));
  if (overlays.has("signals")) price.push(...signals(state, rows, now, step, quote));
  if (overlays.has("patterns")) {
    for (const pattern of shown(lives(rows.patterns, asOf))) price.push(...of.patternShapes(pattern, now, quote));
  }
  const known = knownAt(rows.volume, asOf);
  const outcomes = byPattern(rows.outcomes);
  if (overlays.has("volume")) {
    price.push(...of.divergenceShapes(known, bars));
    volume.push(...of.volumeShapes(known, bars, (each) => outcomes.get(key("volume", each)) ?? []));
  }
  if (overlays.has("candlesticks")) {
    const patterns = knownAt(rows.candlesticks, asOf);
    price.push(...of.candlestickShapes(patterns, bars, (each) => outcomes.get(key("candlestick", each)) ?? []));
  }
  if (overlays.has("walls")) price.push(...of.wallShapes(wallsKnownAt(rows.walls, asOf), now, quote));
  if (overlays.has("whales")) price.push(...of.whaleShapes(knownAt(rows.whales, asOf), base, quote));
  if (asOf !== null) {
    const line = { kind: "upright" as const, id: "as_of", tone: "accent" as const, time: asOf - step };
    price.push({ ...line, label: `known at ${moment(asOf).slice(0, 16).replace("T", " ")}` });
    volume.push(line);
  }
  return { price, volume };
}

/** Those that are open, and the newest of those that came to an end of their own. */
function shown(patterns: readonly ChartPattern[]): ChartPattern[] {
  const open = patterns.filter((each) => each.stage === "forming" || each.stage === "complete");
  const ended = patterns.filter((each) => each.stage === "target_met" || each.stage === "failed");
  return [...ended.sort((a, b) => a.time - b.time).slice(-ENDED_SHOWN), ...open];
}

function signals(state: ChartState, rows: OverlayRows, now: number, step: number, quote: string): Shape[] {
  const told = spoken(knownAt(rows.signals, state.asOf)).slice(-SIGNALS_SHOWN);
  const newest = told[told.length - 1];
  const ends = endsKnownAt(rows.became, state.asOf);
  return told.flatMap((signal) => {
    // the newest one replaces those before it
    const ended = ends.get(signal.time) ?? null;
    const stands = ended === null && signal === newest && (signal.expiresAt ?? Infinity) > now;
    return of.signalShapes(signal, step, quote, stands, ended);
  });
}

function knownProfiles(rows: OverlayRows, asOf: number | null) {
  return rows.profile.filter((each) => asOf === null || each.from + 86_400 <= asOf);
}

function key(family: string, of: { readonly time: number; readonly pattern: string }): string {
  return `${family}:${of.pattern}:${of.time}`;
}

function byPattern(outcomes: readonly Outcome[]): Map<string, Outcome[]> {
  const found = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const name = key(outcome.family, outcome);
    const held = found.get(name);
    if (held === undefined) found.set(name, [outcome]);
    else held.push(outcome);
  }
  return found;
}
