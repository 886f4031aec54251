import { isTimeframe, type Timeframe } from "../../charts/timeframes";

/** What can be laid over the price and its volume; each is kept in the address. */
export const OVERLAYS = [
  { id: "gaps", title: "Gaps", words: "Missing bars as hatched bands, with the reason" },
  { id: "signals", title: "Signals", words: "Entry, stop and target until the signal is over" },
  { id: "patterns", title: "Chart patterns", words: "Lines, breakout, target and invalidation" },
  { id: "candlesticks", title: "Candlestick patterns", words: "A mark at the bar that completed one" },
  { id: "volume", title: "Volume patterns", words: "Spikes, climaxes, divergences" },
  { id: "zones", title: "Liquidity zones", words: "Prices at which much is waiting" },
  { id: "whales", title: "Whale trades", words: "Trades that are large for this symbol" },
  { id: "walls", title: "Walls", words: "Large resting orders and what became of them" },
  { id: "profile", title: "Volume profile", words: "How much was traded at which price, by day" },
] as const;
export type Overlay = (typeof OVERLAYS)[number]["id"];

/** Indicators; those with a pane of their own stand below the volume. */
export const INDICATORS = [
  { id: "ema9", title: "EMA 9", pane: false },
  { id: "ema20", title: "EMA 20", pane: false },
  { id: "ema50", title: "EMA 50", pane: false },
  { id: "ema200", title: "EMA 200", pane: false },
  { id: "sma20", title: "SMA 20", pane: false },
  { id: "sma50", title: "SMA 50", pane: false },
  { id: "sma200", title: "SMA 200", pane: false },
  { id: "bollinger", title: "Bollinger 20, 2", pane: false },
  { id: "vwap", title: "VWAP, day", pane: false },
  { id: "vwapweek", title: "VWAP, week", pane: false },
  { id: "rsi", title: "RSI 14", pane: true },
  { id: "macd", title: "MACD 12, 26, 9", pane: true },
  { id: "atr", title: "ATR 14", pane: true },
  { id: "adx", title: "ADX 14", pane: true },
  { id: "mfi", title: "MFI 14", pane: true },
  { id: "cmf", title: "CMF 20", pane: true },
] as const;
export type Indicator = (typeof INDICATORS)[number]["id"];

export interface ChartState {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: Timeframe;
  readonly overlays: ReadonlySet<Overlay>;
  readonly indicators: ReadonlySet<Indicator>;
  /** Indicators of the platform's own parameters (`indicator_catalogue`), by name. */
  readonly own: ReadonlySet<string>;
  /** Only what was known at this moment, seconds UTC; null: now. */
  readonly asOf: number | null;
  /** Right end of what is seen and number of bars; null: the newest. */
  readonly view: { readonly to: number; readonly bars: number } | null;
}

export const DEFAULT_OVERLAYS: readonly Overlay[] = ["gaps", "signals", "patterns", "volume"];
export const DEFAULT_INDICATORS: readonly Indicator[] = ["ema20", "ema50", "rsi"];

const OVERLAY_IDS: readonly string[] = OVERLAYS.map((each) => each.id);
const INDICATOR_IDS: readonly string[] = INDICATORS.map((each) => each.id);

/** What an address asks for. What it does not know is left out; what it does not say is as by default. */
export function stateOf(parameters: URLSearchParams): ChartState {
  const timeframe = parameters.get("timeframe");
  const asOf = Date.parse(parameters.get("as_of") ?? "");
  const to = Date.parse(parameters.get("to") ?? "");
  const bars = Number(parameters.get("bars"));
  return {
    venue: parameters.get("venue") ?? "binance",
    symbol: parameters.get("symbol") ?? "BTC/USDT",
    timeframe: isTimeframe(timeframe) ? timeframe : "1h",
    overlays: chosen(parameters.get("overlays"), OVERLAY_IDS, DEFAULT_OVERLAYS) as ReadonlySet<Overlay>,
    indicators: chosen(parameters.get("indicators"), INDICATOR_IDS, DEFAULT_INDICATORS) as ReadonlySet<Indicator>,
    own: new Set((parameters.get("own") ?? "").split(",").filter(Boolean)),
    asOf: Number.isNaN(asOf) ? null : asOf / 1_000,
    view: Number.isNaN(to) || !(bars >= 2) ? null : { to: to / 1_000, bars: Math.round(bars) },
  };
}

function chosen(told: string | null, known: readonly string[], usual: readonly string[]): ReadonlySet<string> {
  if (told === null) return new Set(usual);
  const asked = new Set(told.split(","));
  return new Set(known.filter((id) => asked.has(id)));
}

/** A set as it stands in an address; null where it is the usual one. */
export function written(set: ReadonlySet<string>, usual: readonly string[]): string | null {
  const same = set.size === usual.length && usual.every((id) => set.has(id));
  return same ? null : [...set].join(",") || "none";
}

/** The set with one more or one less. */
export function toggled<Id extends string>(set: ReadonlySet<Id>, id: Id): ReadonlySet<Id> {
  const other = new Set(set);
  if (!other.delete(id)) other.add(id);
  return other;
}

/** A moment as it stands in an address: whole seconds, UTC. */
export function moment(time: number): string {
  return `${new Date(Math.round(time) * 1_000).toISOString().slice(0, 19)}Z`;
}
