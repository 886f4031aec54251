/** The heatmap and its bubbles as a primitive of lightweight-charts: it shares the axes of the line of mid. */
import type {
  IChartApi,
  IPrimitivePaneView,
  ISeriesApi,
  ISeriesPrimitive,
  SeriesAttachedParameter,
  SeriesType,
  Time,
  UTCTimestamp,
} from "lightweight-charts";
import type { ChartTheme } from "../../charts/theme";
import { faded } from "../../charts/theme";
import type { Bubble } from "./bubbles";
import { priceOf, type Scale, type Slots } from "./grid";
import type { Picture } from "./picture";

type Context = CanvasRenderingContext2D;

/** What is drawn: a picture, where it lies, and trades over it. */
export interface Heat {
  readonly picture: Picture;
  readonly slots: Slots;
  readonly scale: Scale;
}

const HATCH = 7;

export class HeatPrimitive implements ISeriesPrimitive<Time> {
  private at: SeriesAttachedParameter<Time> | null = null;
  private heat: Heat | null = null;
  private bubbles: readonly Bubble[] = [];
  private hatch: CanvasPattern | null = null;
  private readonly views: readonly IPrimitivePaneView[];

  constructor(private theme: ChartTheme) {
    this.views = [
      { zOrder: () => "bottom", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace(({ context, mediaSize }) => this.drawHeat(context, mediaSize.width, mediaSize.height)) }) },
      { zOrder: () => "top", renderer: () => ({ draw: (target) => target.useMediaCoordinateSpace(({ context }) => this.drawBubbles(context)) }) },
    ];
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

  show(heat: Heat | null): void {
    this.heat = heat;
    this.at?.requestUpdate();
  }

  showBubbles(bubbles: readonly Bubble[]): void {
    this.bubbles = bubbles;
    this.at?.requestUpdate();
  }

  restyle(theme: ChartTheme): void {
    this.theme = theme;
    this.hatch = null;
    this.at?.requestUpdate();
  }

  private xOf(milliseconds: number): number | null {
    const chart = this.at?.chart as IChartApi | undefined;
    return chart?.timeScale().timeToCoordinate((milliseconds / 1000) as UTCTimestamp) ?? null;
  }

  private yOf(price: number): number | null {
    return (this.at?.series as ISeriesApi<SeriesType> | undefined)?.priceToCoordinate(price) ?? null;
  }

  /** Hatched is unknown: cells that are known lie over it. */
  private drawHeat(context: Context, width: number, height: number): void {
    this.hatch ??= hatched(context, this.theme);
    if (this.hatch) {
      context.fillStyle = this.hatch;
      context.fillRect(0, 0, width, height);
    }
    if (this.heat === null) return;
    const { picture, slots, scale } = this.heat;
    const first = this.xOf(slots.first);
    const last = this.xOf(slots.first + (slots.count - 1) * slots.step);
    const bottom = this.yOf(priceOf(picture.rows.lowest, scale));
    const top = this.yOf(priceOf(picture.rows.lowest + picture.rows.count, scale));
    if (first === null || last === null || bottom === null || top === null || slots.count < 2) return;
    const column = (last - first) / (slots.count - 1);
    context.imageSmoothingEnabled = false;
    context.drawImage(picture.canvas, first - column / 2, top, column * slots.count, bottom - top);
  }

  private drawBubbles(context: Context): void {
    const { up, down } = this.theme.tones;
    for (const bubble of this.bubbles) {
      const x = this.xOf(bubble.at);
      const y = this.yOf(bubble.price);
      if (x === null || y === null) continue;
      const colour = bubble.side === "buy" ? up : down;
      context.beginPath();
      context.arc(x, y, bubble.radius, 0, 2 * Math.PI);
      context.fillStyle = faded(colour, bubble.large ? 0.85 : 0.45);
      context.fill();
      context.lineWidth = bubble.large ? 1.5 : 0.75;
      context.strokeStyle = bubble.large ? "#ffffff" : colour;
      context.stroke();
      mark(context, bubble, x, y);
    }
  }
}

/** Up or down beside the colour, where a bubble is large enough to hold it. */
function mark(context: Context, bubble: Bubble, x: number, y: number): void {
  const size = bubble.radius * 0.5;
  if (size < 2.5) return;
  const way = bubble.side === "buy" ? -1 : 1;
  context.beginPath();
  context.moveTo(x - size, y - (way * size) / 2);
  context.lineTo(x, y + (way * size) / 2);
  context.lineTo(x + size, y - (way * size) / 2);
  context.strokeStyle = "#ffffff";
  context.lineWidth = 1.25;
  context.stroke();
}

function hatched(context: Context, theme: ChartTheme): CanvasPattern | null {
  const tile = document.createElement("canvas");
  tile.width = tile.height = HATCH;
  const on = tile.getContext("2d");
  if (on === null) return null;
  on.strokeStyle = faded(theme.dim, 0.28);
  on.lineWidth = 1;
  on.beginPath();
  on.moveTo(-1, HATCH + 1);
  on.lineTo(HATCH + 1, -1);
  on.stroke();
  return context.createPattern(tile, "repeat");
}
