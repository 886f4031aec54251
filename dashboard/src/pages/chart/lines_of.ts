import type { Columns } from "../../api/client";
import { seconds } from "../../charts/bars";
import type { Line } from "../../charts/price_chart";
import { INDICATORS, type Indicator } from "./state";

/** Values of the `indicators` reading by column, and the place of each time in them. */
export class IndicatorValues {
  private readonly columns = new Map<string, Map<number, number>>();

  /** Take in an answer; what was held at the same times is replaced. */
  add(answer: Columns): void {
    const times = (answer.columns["ts"] ?? []).map(seconds);
    for (const [name, values] of Object.entries(answer.columns)) {
      if (name === "ts" || typeof values.find((value) => value !== null) !== "number") continue;
      const held = this.columns.get(name) ?? new Map<number, number>();
      values.forEach((value, row) => {
        const time = times[row];
        if (typeof time === "number" && typeof value === "number") held.set(time, value);
      });
      this.columns.set(name, held);
    }
  }

  /** Take in rows of `indicator_series`: one a bar and indicator. */
  addSeries(answer: Columns): void {
    const times = answer.columns["ts"] ?? [];
    const names = answer.columns["indicator"] ?? [];
    const values = answer.columns["value"] ?? [];
    for (let row = 0; row < answer.rows; row++) {
      const [time, name, value] = [seconds(times[row]), names[row], values[row]];
      if (time === null || typeof name !== "string" || typeof value !== "number") continue;
      const held = this.columns.get(name) ?? new Map<number, number>();
      held.set(time, value);
      this.columns.set(name, held);
    }
  }

  clear(): void {
    this.columns.clear();
  }

  at(column: string, time: number): number | null {
    return this.columns.get(column)?.get(time) ?? null;
  }
}

interface Drawn {
  readonly column: string;
  readonly title: string;
  readonly colour: number;
  readonly form?: "histogram";
  readonly dashed?: boolean;
  readonly levels?: readonly number[];
  readonly decimals?: number;
}

/** What each indicator draws; units: prices in quote units, RSI, ADX and MFI 0 to 100, CMF -1 to 1. */
const DRAWN: Readonly<Record<Indicator, readonly Drawn[]>> = {
  ema9: [{ column: "ema_9", title: "EMA 9", colour: 5 }],
  ema20: [{ column: "ema_20", title: "EMA 20", colour: 0 }],
  ema50: [{ column: "ema_50", title: "EMA 50", colour: 1 }],
  ema200: [{ column: "ema_200", title: "EMA 200", colour: 2 }],
  sma20: [{ column: "sma_20", title: "SMA 20", colour: 0, dashed: true }],
  sma50: [{ column: "sma_50", title: "SMA 50", colour: 1, dashed: true }],
  sma200: [{ column: "sma_200", title: "SMA 200", colour: 2, dashed: true }],
  bollinger: [
    { column: "bb_upper", title: "BB upper", colour: 4 },
    { column: "bb_middle", title: "BB middle", colour: 4, dashed: true },
    { column: "bb_lower", title: "BB lower", colour: 4 },
  ],
  vwap: [{ column: "vwap_session", title: "VWAP day", colour: 3 }],
  vwapweek: [{ column: "vwap_week", title: "VWAP week", colour: 3, dashed: true }],
  rsi: [{ column: "rsi_14", title: "RSI 14", colour: 1, levels: [30, 70], decimals: 1 }],
  macd: [
    { column: "macd_histogram", title: "Histogram", colour: 4, form: "histogram" },
    { column: "macd", title: "MACD", colour: 0 },
    { column: "macd_signal", title: "Signal", colour: 1 },
  ],
  atr: [{ column: "atr_14", title: "ATR 14", colour: 0 }],
  adx: [
    { column: "adx_14", title: "ADX 14", colour: 5, levels: [25], decimals: 1 },
    { column: "plus_di_14", title: "+DI", colour: 2, dashed: true, decimals: 1 },
    { column: "minus_di_14", title: "−DI", colour: 3, dashed: true, decimals: 1 },
  ],
  mfi: [{ column: "mfi_14", title: "MFI 14", colour: 2, levels: [20, 80], decimals: 1 }],
  cmf: [{ column: "cmf_20", title: "CMF 20", colour: 3, levels: [0] }],
};

const FIRST_PANE = 2;

export interface NamedLine extends Line {
  readonly title: string;
}

/** An indicator of the platform's own parameters; prices lie on the price, all else in a pane of its own. */
export interface OwnIndicator {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}

/** The lines of the chosen indicators, each with its pane: on the price, or in panes below the volume in order. */
export function linesOf(chosen: ReadonlySet<Indicator>, values: IndicatorValues, decimals: number, own: readonly OwnIndicator[] = []): NamedLine[] {
  let pane = FIRST_PANE;
  const usual = INDICATORS.flatMap((indicator) => {
    if (!chosen.has(indicator.id)) return [];
    const here = indicator.pane ? pane++ : 0;
    return DRAWN[indicator.id].map((drawn) => ({
      id: `${drawn.column}@${here}`,
      title: drawn.title,
      pane: here,
      form: drawn.form ?? ("line" as const),
      colour: drawn.colour,
      dashed: drawn.dashed ?? false,
      levels: drawn.levels ?? [],
      decimals: drawn.decimals ?? decimals,
      valueAt: (time: number) => values.at(drawn.column, time),
    }));
  });
  const others = own.map((each, place): NamedLine => {
    const here = isPrice(each) ? 0 : pane++;
    return {
      id: `${each.name}@${here}`,
      title: each.name.replaceAll("_", " "),
      pane: here,
      form: "line",
      colour: (place + 3) % 6,
      dashed: true,
      levels: [],
      decimals: here === 0 ? decimals : 2,
      valueAt: (time: number) => values.at(each.name, time),
    };
  });
  return [...usual, ...others];
}

export function isPrice(indicator: OwnIndicator): boolean {
  return indicator.unit.startsWith("price") || indicator.unit.startsWith("quote");
}

/** Columns that the chosen indicators need. */
export function columnsOf(chosen: ReadonlySet<Indicator>): string[] {
  return INDICATORS.filter(({ id }) => chosen.has(id)).flatMap(({ id }) => DRAWN[id].map((drawn) => drawn.column));
}
