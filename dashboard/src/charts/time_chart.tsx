import { createChart, HistogramSeries, type IChartApi, type ISeriesApi, LineSeries, type SeriesType, type UTCTimestamp } from "lightweight-charts";
import { useEffect, useRef, useState } from "preact/hooks";
import { fullTime } from "../ui/format";
import { theme } from "../ui/theme";
import { chartOptions } from "./options";
import { breaksOf, usualStep } from "./points";
import { type ChartTheme, faded, readTheme, type Tone } from "./theme";

/** One line or row of columns over time; `time` in seconds UTC, null values are gaps. */
export interface TimeSeries {
  readonly id: string;
  readonly title: string;
  /** What its values are counted in: it stands beside each of them. */
  readonly unit: string;
  readonly points: readonly { readonly time: number; readonly value: number | null }[];
  readonly form?: "line" | "columns";
  readonly axis?: "left" | "right";
  readonly tone?: Tone;
  /** Columns take the tone of their sign. */
  readonly signed?: boolean;
  readonly dashed?: boolean;
  readonly show: (value: number) => string;
  readonly decimals?: number;
}

interface Props {
  readonly label: string;
  readonly series: readonly TimeSeries[];
  readonly height?: number;
  /** Levels that are drawn through the right axis. */
  readonly levels?: readonly number[];
}

/** Several series over one time axis, with their values at the crosshair in words. */
export function TimeChart({ label, series, height = 240, levels = [] }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const made = useRef<{ chart: IChartApi; lines: Map<string, ISeriesApi<SeriesType>> } | null>(null);
  const [at, point] = useState<number | null>(null);
  const look = theme.value;
  const ids = series.map((each) => `${each.id}${each.form ?? ""}${each.axis ?? ""}`).join();

  useEffect(() => {
    if (place.current === null) return undefined;
    const colours = readTheme();
    const chart = createChart(place.current, { autoSize: true, ...chartOptions(colours) });
    chart.applyOptions({
      leftPriceScale: { visible: series.some((each) => each.axis === "left"), borderColor: colours.grid },
      timeScale: { rightOffset: 1 },
    });
    const lines = new Map(series.map((each) => [each.id, addSeries(chart, each, colours)]));
    const first = lines.get(series.find((each) => each.axis !== "left")?.id ?? "");
    for (const price of levels) {
      first?.createPriceLine({ price, color: colours.dim, lineWidth: 1, lineStyle: 2, axisLabelVisible: false });
    }
    chart.subscribeCrosshairMove((event) => point(typeof event.time === "number" ? event.time : null));
    made.current = { chart, lines };
    return () => {
      made.current = null;
      chart.remove();
    };
  }, [ids, look]);

  useEffect(() => {
    const { chart, lines } = made.current ?? {};
    if (chart === undefined) return;
    const colours = readTheme();
    for (const each of series) lines?.get(each.id)?.setData(dataOf(each, colours));
    chart.timeScale().fitContent();
  }, [ids, look, series.map((each) => `${each.points.length} ${each.points[each.points.length - 1]?.time ?? ""}`).join()]);

  return (
    <div class="time-chart">
      <Values series={series} at={at} />
      <div ref={place} style={{ height: `${height}px` }} role="img" aria-label={label} />
    </div>
  );
}

function addSeries(chart: IChartApi, series: TimeSeries, theme: ChartTheme): ISeriesApi<SeriesType> {
  const decimals = series.decimals ?? 2;
  const common = {
    color: theme.tones[series.tone ?? "accent"],
    priceScaleId: series.axis ?? "right",
    priceLineVisible: false,
    lastValueVisible: false,
    priceFormat: { type: "custom" as const, minMove: 10 ** -decimals, formatter: series.show },
  };
  if (series.form === "columns") return chart.addSeries(HistogramSeries, common);
  return chart.addSeries(LineSeries, { ...common, lineWidth: 2, lineStyle: series.dashed ? 2 : 0, crosshairMarkerRadius: 3 });
}

function dataOf(series: TimeSeries, theme: ChartTheme) {
  const { up, down } = theme.tones;
  const columns = series.form === "columns";
  const breaks = columns ? new Set<number>() : breaksOf(series.points, 3.5 * usualStep(series.points));
  return series.points.map(({ time, value }, place) => {
    const at = time as UTCTimestamp;
    if (value === null) return { time: at };
    // a line across what is not known would be made up
    if (breaks.has(place)) return { time: at, value, color: "rgba(0, 0, 0, 0)" };
    const sign = series.signed ? { color: faded(value >= 0 ? up : down, 0.75) } : {};
    return { time: at, value, ...sign };
  });
}

/** What each series was at the crosshair, else what it is last; the time stands with it. */
function Values({ series, at }: { readonly series: readonly TimeSeries[]; readonly at: number | null }) {
  const colours = readTheme().tones;
  const last = Math.max(...series.map((each) => each.points[each.points.length - 1]?.time ?? 0));
  const time = at ?? (last > 0 ? last : null);
  return (
    <div class="time-values">
      {series.map((each) => {
        const point = time === null ? undefined : nearest(each.points, time);
        const value = point?.value ?? null;
        return (
          <span key={each.id} title={point === undefined ? "not known" : fullTime(point.time * 1_000)}>
            <i class="swatch" style={{ background: colours[each.tone ?? "accent"] }} />
            {each.title} <b>{value === null ? "not known" : each.show(value)}</b> <span class="dim">{value === null ? "" : each.unit}</span>
          </span>
        );
      })}
      <time class="dim">{time === null ? "" : fullTime(time * 1_000)}</time>
    </div>
  );
}

/** The point at a time, or the last before it. */
export function nearest<P extends { readonly time: number }>(points: readonly P[], time: number): P | undefined {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as P).time <= time) low = middle + 1;
    else high = middle;
  }
  return points[low - 1];
}
