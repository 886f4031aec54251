/** The heatmap's chart: mid as a line whose axes the picture and the bubbles share. */
import {
  ColorType,
  createChart,
  CrosshairMode,
  type IChartApi,
  type ISeriesApi,
  LineSeries,
  type MouseEventParams,
  PriceScaleMode,
  type UTCTimestamp,
} from "lightweight-charts";
import { type ChartTheme, faded } from "../../charts/theme";
import type { Bubble } from "./bubbles";
import { boundsOf, bySlot, type DepthColumn, priceOf, type Rows, rowOf, rowsOfColumns, sameScale, shiftOf, shifted, type Slots, slotsUntil } from "./grid";
import { HeatPrimitive } from "./heat_primitive";
import { type Bounds, Picture } from "./picture";

export const MOST_COLUMNS = 600;
/** Rows beyond those that are seen, so that a mid that moves seldom needs a new picture. */
const SPARE_ROWS = 40;
/** Changes of the picture between two looks at whether its colours still tell it. */
const LOOKS_A_SCALE = 20;

export interface Pointed {
  /** Start of the slot, milliseconds. */
  readonly at: number;
  readonly low: number;
  readonly high: number;
  /** null: not known. */
  readonly size: number | null;
  readonly mid: number | null;
  readonly x: number;
  readonly y: number;
}

export class HeatChart {
  /** Milliseconds that the latest change of the picture took. */
  cost = 0;
  bounds: Bounds | null = null;
  private readonly chart: IChartApi;
  private readonly line: ISeriesApi<"Line">;
  private readonly heat: HeatPrimitive;
  private slots: Slots | null = null;
  private shown: (DepthColumn | null)[] = [];
  private picture: Picture | null = null;
  private reach = 100;
  private mid: number | null = null;
  private looks = 0;

  constructor(place: HTMLElement, theme: ChartTheme, onPoint: (at: Pointed | null) => void) {
    this.chart = createChart(place, { autoSize: true, ...optionsOf(theme) });
    this.line = this.chart.addSeries(LineSeries, {
      color: "#ffffff",
      lineWidth: 1,
      priceLineVisible: false,
      crosshairMarkerVisible: false,
      autoscaleInfoProvider: () => this.range(),
    });
    this.heat = new HeatPrimitive(theme);
    this.line.attachPrimitive(this.heat);
    this.chart.subscribeCrosshairMove((event) => onPoint(this.pointed(event)));
  }

  /** Show columns up to `now`; the whole picture only where its window, its prices or its colours are others. */
  show(columns: readonly DepthColumn[], now: number, length: number): Slots {
    const started = performance.now();
    const before = this.slots;
    const wanted = slotsUntil(now, length, MOST_COLUMNS);
    const same = before !== null && before.step === wanted.step && before.count === wanted.count;
    const by = same ? shiftOf(before, now) : 0;
    const slots = same ? shifted(before, by) : wanted;
    const shown = bySlot(columns, slots);
    const known = this.shown;
    this.slots = slots;
    this.shown = shown;
    const newest = columns[columns.length - 1];
    this.mid = newest?.mid ?? this.mid;
    if (newest === undefined) {
      this.picture = null;
      this.heat.show(null);
    } else if (same && this.picture !== null && by < slots.count && this.fits(columns, newest)) {
      this.picture.scroll(by);
      shown.forEach((column, at) => {
        if (column !== (known[at + by] ?? null)) this.picture?.draw(at, column);
      });
      this.heat.show({ picture: this.picture, slots, scale: newest });
    } else this.redraw(columns, newest, slots);
    if (!same || by > 0 || shown.some((column, at) => column?.mid !== known[at]?.mid)) this.line.setData(shown.map((column, at) => pointOf(column, slots, at)));
    if (!same) this.chart.timeScale().fitContent();
    this.cost = performance.now() - started;
    return slots;
  }

  showBubbles(bubbles: readonly Bubble[]): void {
    this.heat.showBubbles(bubbles);
  }

  setReach(reach: number): void {
    this.reach = reach;
    this.chart.priceScale("right").applyOptions({ autoScale: true });
    this.heat.show(this.heatNow());
  }

  setPrecision(decimals: number): void {
    this.line.applyOptions({ priceFormat: { type: "price", precision: decimals, minMove: 10 ** -decimals } });
  }

  restyle(theme: ChartTheme): void {
    this.chart.applyOptions(optionsOf(theme));
    this.heat.restyle(theme);
  }

  /** What is seen of all again. */
  fit(): void {
    this.chart.timeScale().fitContent();
    this.chart.priceScale("right").applyOptions({ autoScale: true });
  }

  destroy(): void {
    this.chart.remove();
  }

  private heatNow() {
    const newest = lastOf(this.shown);
    return this.picture && this.slots && newest ? { picture: this.picture, slots: this.slots, scale: newest } : null;
  }

  /** Whether the picture's rows hold what came in, and its colours still tell it. */
  private fits(columns: readonly DepthColumn[], newest: DepthColumn): boolean {
    const { picture, bounds } = this;
    const old = this.shown.find((each) => each !== null);
    if (picture === null || bounds === null || (old && !sameScale(old, newest))) return false;
    const rows = rowsOfColumns(columns.slice(-3));
    if (rows === null) return true;
    const inside = rows.lowest >= picture.rows.lowest && rows.lowest + rows.count <= picture.rows.lowest + picture.rows.count;
    this.looks += 1;
    if (!inside || this.looks % LOOKS_A_SCALE !== 0) return inside;
    const now = boundsOf(columns.slice(-60));
    return now === null || (now.high < bounds.high * 2 && now.high > bounds.high / 4);
  }

  private redraw(columns: readonly DepthColumn[], newest: DepthColumn, slots: Slots): void {
    const rows = rowsOfColumns(columns.filter((each) => sameScale(each, newest)));
    this.bounds = boundsOf(columns);
    if (rows === null || this.bounds === null) return;
    const wide: Rows = { lowest: rows.lowest - SPARE_ROWS, count: rows.count + 2 * SPARE_ROWS };
    this.picture = new Picture(wide, slots.count, this.bounds);
    this.picture.drawAll(this.shown);
    this.heat.show({ picture: this.picture, slots, scale: newest });
  }

  private range() {
    if (this.mid === null) return null;
    const part = this.reach / 1e4;
    const mids = this.shown.flatMap((each) => (each === null ? [] : [each.mid]));
    const low = mids.reduce((least, mid) => Math.min(least, mid), this.mid);
    const high = mids.reduce((most, mid) => Math.max(most, mid), this.mid);
    return { priceRange: { minValue: Math.min(low * (1 - part / 4), this.mid * (1 - part)), maxValue: Math.max(high * (1 + part / 4), this.mid * (1 + part)) } };
  }

  private pointed(event: MouseEventParams): Pointed | null {
    if (event.point === undefined || typeof event.time !== "number" || this.slots === null) return null;
    const price = this.line.coordinateToPrice(event.point.y);
    const at = Math.round((event.time * 1000 - this.slots.first) / this.slots.step);
    const column = this.shown[at] ?? null;
    const scale = column ?? lastOf(this.shown);
    if (price === null || scale === null) return null;
    const row = rowOf(price, scale);
    const place = { at: event.time * 1000, low: priceOf(row, scale), high: priceOf(row + 1, scale), x: event.point.x, y: event.point.y };
    if (column === null) return { ...place, size: null, mid: null };
    const bid = column.bids[column.midRow - row];
    const ask = column.asks[row - column.midRow];
    return { ...place, size: bid === undefined && ask === undefined ? null : (bid ?? 0) + (ask ?? 0), mid: column.mid };
  }
}

function lastOf(shown: readonly (DepthColumn | null)[]): DepthColumn | null {
  for (let at = shown.length - 1; at >= 0; at -= 1) {
    const column = shown[at];
    if (column) return column;
  }
  return null;
}

function pointOf(column: DepthColumn | null, slots: Slots, at: number): { time: UTCTimestamp; value?: number } {
  const time = ((slots.first + at * slots.step) / 1000) as UTCTimestamp;
  return column === null ? { time } : { time, value: column.mid };
}

function optionsOf(theme: ChartTheme) {
  return {
    layout: {
      background: { type: ColorType.Solid, color: theme.background },
      textColor: theme.dim,
      fontFamily: theme.font,
      fontSize: 11,
      attributionLogo: true,
    },
    grid: { vertLines: { visible: false }, horzLines: { visible: false } },
    crosshair: {
      mode: CrosshairMode.Normal,
      vertLine: { color: faded(theme.text, 0.6), labelBackgroundColor: theme.grid },
      horzLine: { color: faded(theme.text, 0.6), labelBackgroundColor: theme.grid },
    },
    // a row is the same height everywhere on a logarithmic axis
    rightPriceScale: { borderColor: theme.grid, mode: PriceScaleMode.Logarithmic, scaleMargins: { top: 0, bottom: 0 } },
    timeScale: { borderColor: theme.grid, timeVisible: true, secondsVisible: true, minBarSpacing: 0.1, fixLeftEdge: true, fixRightEdge: true },
    localization: { locale: "en-GB" },
  };
}
