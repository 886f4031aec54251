/** What the screener can ask for: each field with the reading that has it. */

export type Source = "overview" | "indicators" | "regimes" | "signals" | "patterns";

export interface Field {
  readonly name: string;
  readonly source: Source;
  /** Column of the reading. */
  readonly column: string;
  readonly unit: string;
  readonly about: string;
  /** Texts that it may say; without them it is a number. */
  readonly choices?: readonly string[];
  /** Numbers are typed in this unit and stored as parts of one: 5 % is 0.05. */
  readonly scale?: number;
}

export const TIMEFRAMES = ["5m", "15m", "1h", "4h", "1d", "1w"] as const;
export const LEVELS = ["low", "normal", "high"] as const;
export const SIGNALS = ["strong_buy", "buy", "weak_buy", "weak_sell", "sell", "strong_sell"] as const;

function indicators(unit: string, names: readonly string[]): Field[] {
  return names.map((name) => ({ name, source: "indicators" as const, column: name, unit, about: `${name} of the newest closed bar` }));
}

export const FIELDS: readonly Field[] = [
  { name: "change_24h", source: "overview", column: "change_24h", unit: "%", scale: 100, about: "price against 24 hours ago" },
  { name: "volume_24h", source: "overview", column: "quote_volume_24h", unit: "quote", about: "value traded in 24 hours" },
  { name: "price", source: "overview", column: "last_price", unit: "quote", about: "last price" },
  { name: "funding", source: "overview", column: "funding_rate", unit: "bp", scale: 1e4, about: "funding of the running interval" },
  { name: "open_interest", source: "overview", column: "open_interest", unit: "quote", about: "worth of open contracts" },
  { name: "oi_change_24h", source: "overview", column: "open_interest_change_24h", unit: "%", scale: 100, about: "open contracts against 24 hours ago" },
  { name: "sentiment", source: "overview", column: "sentiment", unit: "−1 to 1", about: "score of the texts of 24 hours" },
  { name: "quality", source: "overview", column: "quality", unit: "0 to 100", about: "quality of the newest judged day" },
  { name: "gaps", source: "overview", column: "open_gaps", unit: "gaps", about: "open gaps" },
  ...indicators("0 to 100", ["rsi_14", "adx_14", "plus_di_14", "minus_di_14", "mfi_14"]),
  ...indicators("price", ["macd", "macd_signal", "macd_histogram", "atr_14"]),
  ...indicators("−1 to 1", ["cmf_20"]),
  ...indicators("times usual", ["relative_volume_20"]),
  ...indicators("a year", ["realised_volatility_20"]),
  ...indicators("price", ["close", "ema_9", "ema_20", "ema_50", "ema_200", "sma_20", "sma_50", "sma_200", "bb_upper", "bb_middle", "bb_lower", "vwap_session", "vwap_week"]),
  { name: "trend", source: "regimes", column: "trend", unit: "", about: "regime of the trend", choices: ["up", "range", "down"] },
  { name: "volatility", source: "regimes", column: "volatility", unit: "", about: "regime of the volatility", choices: LEVELS },
  { name: "liquidity", source: "regimes", column: "liquidity", unit: "", about: "regime of the liquidity", choices: LEVELS },
  { name: "signal", source: "signals", column: "signal", unit: "", about: "signal that stands", choices: SIGNALS },
  { name: "signal_score", source: "signals", column: "score", unit: "−100 to 100", about: "score of the signal that stands" },
  { name: "signal_confidence", source: "signals", column: "confidence", unit: "0 to 100", about: "confidence of the signal that stands" },
  { name: "chart_pattern", source: "patterns", column: "pattern", unit: "", about: "chart pattern that is open, by its name: double_bottom", choices: [
    "head_and_shoulders", "inverse_head_and_shoulders", "double_top", "double_bottom", "triple_top", "triple_bottom",
    "ascending_triangle", "descending_triangle", "symmetrical_triangle", "rectangle", "ascending_channel",
    "descending_channel", "bull_flag", "bear_flag", "bull_pennant", "bear_pennant", "cup_and_handle", "inverse_cup_and_handle",
  ] },
  { name: "pattern_direction", source: "patterns", column: "direction", unit: "", about: "where an open chart pattern points", choices: ["bullish", "neutral", "bearish"] },
];

export const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.name, field]));

/** Overview is of now; the others are of bars of a timeframe. */
export function hasTimeframe(field: Field): boolean {
  return field.source !== "overview";
}

/** Prices of one bar may be compared with each other: ema_20 > ema_50. */
export function comparesWith(field: Field): readonly Field[] {
  return field.source === "indicators" ? FIELDS.filter((each) => each.source === "indicators" && each.unit === field.unit && each !== field) : [];
}
