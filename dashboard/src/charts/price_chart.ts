import {
  CandlestickSeries,
  createChart,
  HistogramSeries,
  type IChartApi,
  type IPriceLine,
  type ISeriesApi,
  LineSeries,
  type MouseEventParams,
  type SeriesType,
  type UTCTimestamp,
} from "lightweight-charts";
import { Axis } from "./axis";
import type { Slot } from "./gaps";
import { chartOptions } from "./options";
import type { Shape } from "./shapes";
import { ShapesPrimitive } from "./shapes_primitive";
import { type ChartTheme, faded } from "./theme";
import type { Span } from "./window";

/** Values of one line, one for each bar; null where there is none. */
export interface Line {
  readonly id: string;
  /** 0: the price's pane; from 2 on: panes of their own, below price and volume. */
  readonly pane: number;
  readonly form: "line" | "histogram";
  /** Place among the theme's line colours. */
  readonly colour: number;
  readonly dashed?: boolean;
  /** Levels that are drawn through its pane (RSI 30 and 70). */
  readonly levels?: readonly number[];
  readonly decimals?: number;
  valueAt(time: number): number | null;
}

/** What one points at. */
export interface Pointing {
  /** Time of the bar, seconds UTC; null beyond the bars. */
  readonly time: number | null;
  readonly pane: number;
  readonly x: number;
  readonly y: number;
  readonly shapes: readonly Shape[];
}

export interface Reactions {
  /** Places of the held bars that are seen, as logical indices of the chart. */
  onSeen(seen: Span): void;
  onPoint(at: Pointing | null): void;
}

export const PRICE_PANE = 0;
export const VOLUME_PANE = 1;
const FIRST_OWN_PANE = 2;

/** Price, volume and indicator panes over one time axis, with shapes of ours on price and volume. */
export class PriceChart {
  private readonly chart: IChartApi;
  private readonly candles: ISeriesApi<"Candlestick">;
  private readonly volume: ISeriesApi<"Histogram">;
  private readonly onPrice: ShapesPrimitive;
  private readonly onVolume: ShapesPrimitive;
  private readonly lines = new Map<string, { line: Line; series: ISeriesApi<SeriesType>; levels: IPriceLine[] }>();
  private slots: readonly Slot[] = [];
  private axis: Axis;
  private quiet = false;

  constructor(
    place: HTMLElement,
    private theme: ChartTheme,
    react: Reactions,
  ) {
    this.chart = createChart(place, { autoSize: true, ...chartOptions(theme) });
    this.candles = this.chart.addSeries(CandlestickSeries, candleOptions(theme), PRICE_PANE);
    this.volume = this.chart.addSeries(
      HistogramSeries,
      { priceFormat: { type: "volume" }, lastValueVisible: false, priceLineVisible: false },
      VOLUME_PANE,
    );
    this.axis = new Axis([], 60);
    this.onPrice = new ShapesPrimitive(theme, this.axis);
    this.onVolume = new ShapesPrimitive(theme, this.axis);
    this.candles.attachPrimitive(this.onPrice);
    this.volume.attachPrimitive(this.onVolume);
    this.share();
    this.chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && !this.quiet) react.onSeen({ from: range.from, to: range.to });
    });
    this.chart.subscribeCrosshairMove((event) => react.onPoint(this.pointing(event)));
  }

  /** All bars of the window. `keepView`: what is seen stays where it is in time. */
  setBars(slots: readonly Slot[], step: number, keepView: boolean): void {
    const seen = keepView ? this.seenTimes() : null;
    this.slots = slots;
    this.setAxis(step);
    this.silently(() => {
      this.candles.setData(slots.map(candleOf));
      this.volume.setData(this.volumesOf(slots));
      for (const { line, series } of this.lines.values()) series.setData(this.valuesOf(line, slots));
      if (seen !== null) this.seeTimes(seen.from, seen.to);
    });
  }

  /** The newest bar, or a change of it: cheaper than all bars. `slots` as they are with it. */
  update(slots: readonly Slot[], step: number): void {
    this.slots = slots;
    this.setAxis(step);
    const slot = slots[slots.length - 1];
    if (slot === undefined) return;
    this.candles.update(candleOf(slot));
    for (const volume of this.volumesOf([slot])) this.volume.update(volume);
    // indicators of the bars that closed just now
    for (const { line, series } of this.lines.values()) {
      for (const value of this.valuesOf(line, slots.slice(-2))) series.update(value, true);
    }
  }

  /** The indicators to be shown; series that stay are kept. */
  setLines(lines: readonly Line[]): void {
    const wanted = new Map(lines.map((line) => [line.id, line]));
    for (const [id, { series, line }] of this.lines) {
      if (wanted.get(id)?.pane === line.pane) continue;
      this.chart.removeSeries(series);
      this.lines.delete(id);
    }
    for (const line of lines) {
      const held = this.lines.get(line.id);
      const series = held?.series ?? this.addLine(line);
      this.lines.set(line.id, { line, series, levels: held?.levels ?? this.addLevels(series, line) });
      series.setData(this.valuesOf(line, this.slots));
    }
    this.share();
  }

  setShapes(price: readonly Shape[], volume: readonly Shape[]): void {
    this.onPrice.show(price);
    this.onVolume.show(volume);
  }

  restyle(theme: ChartTheme): void {
    this.theme = theme;
    this.chart.applyOptions(chartOptions(theme));
    this.candles.applyOptions(candleOptions(theme));
    this.volume.setData(this.volumesOf(this.slots));
    for (const { line, series } of this.lines.values()) {
      series.applyOptions({ color: this.lineColour(line) });
      if (line.form === "histogram") series.setData(this.valuesOf(line, this.slots));
    }
    this.onPrice.restyle(theme);
    this.onVolume.restyle(theme);
  }

  /** Decimals of the price axis. */
  setPrecision(decimals: number): void {
    this.candles.applyOptions({ priceFormat: { type: "price", precision: decimals, minMove: 10 ** -decimals } });
  }

  /** Places that are seen, as indices of the slots; beyond them there is nothing. */
  seen(): Span | null {
    const range = this.chart.timeScale().getVisibleLogicalRange();
    return range === null ? null : { from: range.from, to: range.to };
  }

  /** What is seen, in seconds UTC; it may reach beyond the bars. Null without any. */
  seenTimes(): Span | null {
    const seen = this.seen();
    if (seen === null || this.axis.times.length === 0) return null;
    return { from: this.axis.timeAt(seen.from), to: this.axis.timeAt(seen.to) };
  }

  see(seen: Span): void {
    this.chart.timeScale().setVisibleLogicalRange({ from: seen.from, to: seen.to });
  }

  seeTimes(from: number, to: number): void {
    if (this.axis.times.length > 0) this.see({ from: this.axis.placeOf(from), to: this.axis.placeOf(to) });
  }

  /** See the newest bars. */
  seeNewest(bars: number): void {
    const right = 5;
    const end = this.slots.length + right;
    this.see({ from: end - Math.min(bars, Math.max(30, end + 1)), to: end });
  }

  /** Move by a part of what is seen; below 0 into the past. */
  pan(part: number): void {
    const seen = this.seen();
    if (seen === null) return;
    const by = (seen.to - seen.from) * part;
    this.see({ from: seen.from + by, to: seen.to + by });
  }

  /** See `factor` times as many bars; the right end stays. */
  zoom(factor: number): void {
    const seen = this.seen();
    if (seen === null) return;
    this.see({ from: seen.to - Math.max(10, (seen.to - seen.from) * factor), to: seen.to });
  }

  /** Top of each pane in pixels below the chart's top, for legends. */
  paneTops(): number[] {
    let top = 0;
    return this.chart.panes().map((pane) => {
      const here = top;
      top += pane.getHeight() + 1;
      return here;
    });
  }

  /** Width of the price pane in pixels. */
  width(): number {
    return this.chart.paneSize(PRICE_PANE).width;
  }

  destroy(): void {
    this.chart.remove();
  }

  private setAxis(step: number): void {
    this.axis = new Axis(
      this.slots.map((slot) => slot.time),
      step,
    );
    this.onPrice.setAxis(this.axis);
    this.onVolume.setAxis(this.axis);
  }

  private silently(change: () => void): void {
    this.quiet = true;
    try {
      change();
    } finally {
      this.quiet = false;
    }
  }

  private addLine(line: Line): ISeriesApi<SeriesType> {
    const common = { color: this.lineColour(line), priceLineVisible: false, lastValueVisible: line.pane !== PRICE_PANE };
    const decimals = line.decimals ?? 2;
    const priceFormat = { type: "price" as const, precision: decimals, minMove: 10 ** -decimals };
    if (line.form === "histogram") return this.chart.addSeries(HistogramSeries, { ...common, priceFormat }, line.pane);
    const own = line.pane === PRICE_PANE ? {} : { priceFormat };
    return this.chart.addSeries(
      LineSeries,
      { ...common, ...own, lineWidth: 1, lineStyle: line.dashed ? 2 : 0, crosshairMarkerRadius: 3 },
      line.pane,
    );
  }

  private addLevels(series: ISeriesApi<SeriesType>, line: Line): IPriceLine[] {
    return (line.levels ?? []).map((price) =>
      series.createPriceLine({ price, color: faded(this.theme.dim, 0.6), lineWidth: 1, lineStyle: 2, axisLabelVisible: false }),
    );
  }

  private lineColour(line: Line): string {
    return this.theme.lines[line.colour % this.theme.lines.length] ?? this.theme.text;
  }

  private valuesOf(line: Line, slots: readonly Slot[]): { time: UTCTimestamp; value?: number; color?: string }[] {
    const [above, below] = [faded(this.theme.tones.up, 0.6), faded(this.theme.tones.down, 0.6)];
    return slots.map((slot, place) => {
      const time = slot.time as UTCTimestamp;
      const value = slot.bar === null ? null : line.valueAt(slot.time);
      if (value === null) return { time };
      // no line goes on over missing bars
      if (line.form === "line") return slots[place + 1]?.bar === null ? { time, value, color: "rgba(0, 0, 0, 0)" } : { time, value };
      return { time, value, color: value >= 0 ? above : below };
    });
  }

  private volumesOf(slots: readonly Slot[]): { time: UTCTimestamp; value?: number; color?: string }[] {
    const { up, down } = this.theme.tones;
    // once, not for each of 20,000 bars
    const colours = [faded(up, 0.5), faded(down, 0.5), faded(up, 0.3), faded(down, 0.3)];
    return slots.map(({ time, bar }) => {
      if (bar === null || bar.volume === null) return { time: time as UTCTimestamp };
      const color = colours[(bar.close >= bar.open ? 0 : 1) + (bar.closed ? 0 : 2)] ?? up;
      return { time: time as UTCTimestamp, value: bar.volume, color };
    });
  }

  private pointing(event: MouseEventParams): Pointing | null {
    if (event.point === undefined) return null;
    const pane = event.paneIndex ?? PRICE_PANE;
    const { x } = event.point;
    const y = event.point.y - (this.paneTops()[pane] ?? 0);
    const size = this.chart.paneSize(pane);
    const shapes =
      pane === PRICE_PANE
        ? this.onPrice.under(x, y, size.width, size.height)
        : pane === VOLUME_PANE
          ? this.onVolume.under(x, y, size.width, size.height)
          : [];
    return { time: typeof event.time === "number" ? event.time : null, pane, x, y: event.point.y, shapes };
  }

  /** Heights of the panes: price has most of it. */
  private share(): void {
    this.chart.panes().forEach((pane, place) => {
      pane.setStretchFactor(place === PRICE_PANE ? 6 : place < FIRST_OWN_PANE ? 1.3 : 1.5);
    });
  }
}

function candleOf({ time, bar }: Slot) {
  const at = time as UTCTimestamp;
  return bar === null ? { time: at } : { time: at, open: bar.open, high: bar.high, low: bar.low, close: bar.close };
}

function candleOptions(theme: ChartTheme) {
  const { up, down } = theme.tones;
  return { upColor: up, downColor: down, borderUpColor: up, borderDownColor: down, wickUpColor: up, wickDownColor: down };
}
