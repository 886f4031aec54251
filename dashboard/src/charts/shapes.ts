import type { Tone } from "./theme";

/** A point of a chart: seconds UTC and the price (or value) of its axis. */
export interface Point {
  readonly time: number;
  readonly price: number;
}

interface Named {
  /** What it is of, the same after each drawing. */
  readonly id: string;
  readonly tone: Tone;
  /** 0 to 1; how much it stands out. */
  readonly weight?: number;
  readonly label?: string;
  /** What is told where one points at it; the first line is its title. */
  readonly words?: readonly string[];
}

/** Straight lines through points. */
export interface Path extends Named {
  readonly kind: "path";
  readonly points: readonly Point[];
  readonly width?: number;
  readonly dashed?: boolean;
  /** Points are marked by dots. */
  readonly dots?: boolean;
}

/** A rectangle; null is as far as the pane reaches. */
export interface Area extends Named {
  readonly kind: "area";
  readonly from: number | null;
  readonly to: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly hatched?: boolean;
  readonly outlined?: boolean;
  /** The price axis makes room for it while it is in sight. */
  readonly fitted?: boolean;
  /** The end at which the label stands; the top if it is not said. */
  readonly labelAt?: "top" | "bottom";
}

/** A circle of `radius` pixels. */
export interface Bubble extends Named {
  readonly kind: "bubble";
  readonly at: Point;
  readonly radius: number;
}

/** An upright line through the pane. */
export interface Upright extends Named {
  readonly kind: "upright";
  readonly time: number;
}

/** A triangle above or below a bar, `pixels` away from the price. */
export interface Tick extends Named {
  readonly kind: "tick";
  readonly at: Point;
  readonly side: "above" | "below";
  readonly form: "up" | "down" | "dot";
}

/** A bar of a profile that lies against an edge of a stretch of time: `share` of that stretch long, 0 to 1. */
export interface Shelf extends Named {
  readonly kind: "shelf";
  readonly from: number;
  readonly to: number;
  readonly low: number;
  readonly high: number;
  readonly share: number;
}

export type Shape = Path | Area | Bubble | Upright | Tick | Shelf;

/** How times and prices stand on the screen, in CSS pixels of the pane. */
export interface Projection {
  readonly width: number;
  readonly height: number;
  x(time: number): number;
  y(price: number): number | null;
}

/** Pixels around a line or a dot that count as pointing at it. */
const NEAR = 6;

/** Shapes that a place on the screen points at: thin ones first, as they are harder to hit. */
export function shapesAt(shapes: readonly Shape[], place: { x: number; y: number }, on: Projection): Shape[] {
  const hit = shapes.filter((shape) => shape.words !== undefined && isAt(shape, place, on));
  return hit.sort((left, right) => extent(left) - extent(right));
}

function extent(shape: Shape): number {
  return shape.kind === "area" || shape.kind === "shelf" ? 1 : 0;
}

function isAt(shape: Shape, { x, y }: { x: number; y: number }, on: Projection): boolean {
  switch (shape.kind) {
    case "bubble":
      return distance(x, y, on.x(shape.at.time), on.y(shape.at.price)) <= shape.radius + 3;
    case "tick": {
      const height = on.y(shape.at.price);
      if (height === null) return false;
      const middle = shape.side === "above" ? height - TICK_AWAY : height + TICK_AWAY;
      return distance(x, y, on.x(shape.at.time), middle) <= 9;
    }
    case "upright":
      return Math.abs(x - on.x(shape.time)) <= NEAR;
    case "path":
      return pathIsAt(shape, x, y, on);
    case "shelf":
    case "area": {
      const { left, right, top, bottom } = boxOf(shape, on);
      return x >= left && x <= right && y >= top && y <= bottom;
    }
  }
}

function pathIsAt(path: Path, x: number, y: number, on: Projection): boolean {
  const points = path.points.map((point) => ({ x: on.x(point.time), y: on.y(point.price) }));
  return points.some((right, place) => {
    const left = points[place - 1];
    if (left === undefined || left.y === null || right.y === null) return false;
    return toSegment(x, y, left as XY, right as XY) <= NEAR;
  });
}

type XY = { x: number; y: number };

function distance(x: number, y: number, toX: number, toY: number | null): number {
  return toY === null ? Infinity : Math.hypot(x - toX, y - toY);
}

function toSegment(x: number, y: number, from: XY, to: XY): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - from.x) * dx + (y - from.y) * dy) / length));
  return Math.hypot(x - from.x - along * dx, y - from.y - along * dy);
}

/** How far a tick stands from its bar, in pixels. */
export const TICK_AWAY = 10;

export interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The rectangle of an area or a shelf on the screen, cut to the pane. */
export function boxOf(shape: Area | Shelf, on: Projection): Box {
  const left = shape.from === null ? 0 : on.x(shape.from);
  const right = shape.to === null ? on.width : on.x(shape.to);
  const top = shape.high === null ? 0 : (on.y(shape.high) ?? 0);
  const bottom = shape.low === null ? on.height : (on.y(shape.low) ?? on.height);
  const end = shape.kind === "shelf" ? left + (right - left) * shape.share : right;
  return {
    left: Math.max(left, -2),
    right: Math.min(end, on.width + 2),
    top: Math.max(Math.min(top, bottom), -2),
    bottom: Math.min(Math.max(top, bottom), on.height + 2),
  };
}
