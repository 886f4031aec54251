import type {
  AutoscaleInfo,
  IChartApi,
  IPrimitivePaneRenderer,
  IPrimitivePaneView,
  ISeriesApi,
  ISeriesPrimitive,
  Logical,
  SeriesAttachedParameter,
  SeriesType,
  Time,
} from "lightweight-charts";
import type { Axis } from "./axis";
import { drawAreaLabel, drawShape } from "./draw";
import { type Projection, type Shape, shapesAt } from "./shapes";
import type { ChartTheme } from "./theme";

/** Areas lie below the bars, lines and marks above them. */
const LAYERS = ["bottom", "top"] as const;
type Layer = (typeof LAYERS)[number];

function layerOf(shape: Shape): Layer {
  return shape.kind === "area" || shape.kind === "shelf" ? "bottom" : "top";
}

/** Draws shapes of ours on the pane of a series, by its time and price axes. */
export class ShapesPrimitive implements ISeriesPrimitive<Time> {
  private shapes: readonly Shape[] = [];
  private at: SeriesAttachedParameter<Time> | null = null;
  private readonly views: readonly IPrimitivePaneView[];

  constructor(
    private theme: ChartTheme,
    private axis: Axis,
  ) {
    this.views = LAYERS.map((layer) => ({ zOrder: () => layer, renderer: () => this.renderer(layer) }));
  }

  attached(at: SeriesAttachedParameter<Time>): void {
    this.at = at;
  }

  detached(): void {
    this.at = null;
  }

  paneViews(): readonly IPrimitivePaneView[] {
    return this.views;
  }

  /** Room for the shapes that want it, while they are in sight. */
  autoscaleInfo(from: Logical, to: Logical): AutoscaleInfo | null {
    let [low, high] = [Infinity, -Infinity];
    for (const shape of this.shapes) {
      if (shape.kind !== "area" || !shape.fitted || shape.low === null || shape.high === null) continue;
      const starts = shape.from === null ? -Infinity : this.axis.placeOf(shape.from);
      const ends = shape.to === null ? Infinity : this.axis.placeOf(shape.to);
      if (starts > to || ends < from) continue;
      low = Math.min(low, shape.low);
      high = Math.max(high, shape.high);
    }
    return low <= high ? { priceRange: { minValue: low, maxValue: high } } : null;
  }

  show(shapes: readonly Shape[]): void {
    this.shapes = shapes;
    this.at?.requestUpdate();
  }

  restyle(theme: ChartTheme): void {
    this.theme = theme;
    this.at?.requestUpdate();
  }

  /** The times that the chart holds now. */
  setAxis(axis: Axis): void {
    this.axis = axis;
  }

  /** What a place of the pane points at, in CSS pixels. */
  under(x: number, y: number, width: number, height: number): Shape[] {
    const on = this.projection(width, height);
    return on === null ? [] : shapesAt(this.shapes, { x, y }, on);
  }

  private projection(width: number, height: number): Projection | null {
    if (this.at === null) return null;
    const scale = (this.at.chart as IChartApi).timeScale();
    const series = this.at.series as ISeriesApi<SeriesType>;
    const spacing = scale.options().barSpacing;
    const origin = scale.logicalToCoordinate(0 as Logical);
    if (origin === null) return null;
    return {
      width,
      height,
      x: (time) => origin + this.axis.placeOf(time) * spacing,
      y: (price) => series.priceToCoordinate(price),
    };
  }

  private renderer(layer: Layer): IPrimitivePaneRenderer | null {
    const shapes = this.shapes.filter((shape) => layerOf(shape) === layer);
    const labelled = layer === "top" ? this.shapes.filter((shape) => shape.kind === "area" && shape.label !== undefined) : [];
    if (shapes.length + labelled.length === 0) return null;
    return {
      draw: (target) => {
        target.useMediaCoordinateSpace(({ context, mediaSize }) => {
          const on = this.projection(mediaSize.width, mediaSize.height);
          if (on === null) return;
          for (const shape of shapes) drawShape(context, shape, on, this.theme);
          for (const shape of labelled) if (shape.kind === "area") drawAreaLabel(context, shape, on, this.theme);
        });
      },
    };
  }
}
