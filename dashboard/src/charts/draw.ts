import { type Area, type Bubble, boxOf, type Path, type Projection, type Shape, type Shelf, TICK_AWAY, type Tick, type Upright } from "./shapes";
import { type ChartTheme, faded } from "./theme";

type Canvas = CanvasRenderingContext2D;

/** Draw one shape, unless it is off the pane. */
export function drawShape(canvas: Canvas, shape: Shape, on: Projection, theme: ChartTheme): void {
  canvas.save();
  switch (shape.kind) {
    case "path":
      drawPath(canvas, shape, on, theme);
      break;
    case "area":
      drawArea(canvas, shape, on, theme);
      break;
    case "bubble":
      drawBubble(canvas, shape, on, theme);
      break;
    case "upright":
      drawUpright(canvas, shape, on, theme);
      break;
    case "tick":
      drawTick(canvas, shape, on, theme);
      break;
    case "shelf":
      drawShelf(canvas, shape, on, theme);
      break;
  }
  canvas.restore();
}

function drawPath(canvas: Canvas, path: Path, on: Projection, theme: ChartTheme): void {
  const colour = theme.tones[path.tone];
  const points: { x: number; y: number }[] = [];
  for (const point of path.points) {
    const y = on.y(point.price);
    if (y !== null) points.push({ x: on.x(point.time), y });
  }
  const [first, last] = [points[0], points[points.length - 1]];
  if (first === undefined || last === undefined || last.x < 0 || first.x > on.width) return;
  canvas.strokeStyle = faded(colour, 0.35 + 0.65 * (path.weight ?? 1));
  canvas.lineWidth = path.width ?? 1.5;
  canvas.setLineDash(path.dashed ? [5, 4] : []);
  canvas.lineJoin = "round";
  canvas.beginPath();
  points.forEach(({ x, y }, place) => (place === 0 ? canvas.moveTo(x, y) : canvas.lineTo(x, y)));
  canvas.stroke();
  if (path.dots) {
    canvas.setLineDash([]);
    canvas.fillStyle = theme.background;
    for (const { x, y } of points) circle(canvas, x, y, 2.5, true);
  }
  if (path.label) label(canvas, path.label, Math.min(last.x, on.width - 4), last.y - 5, colour, theme, last.x > on.width - 90);
}

function drawArea(canvas: Canvas, area: Area, on: Projection, theme: ChartTheme): void {
  const { left, right, top, bottom } = boxOf(area, on);
  if (right <= left || bottom < top) return;
  const colour = theme.tones[area.tone];
  const height = Math.max(1, bottom - top);
  canvas.fillStyle = faded(colour, area.hatched ? 0.05 : 0.06 + 0.24 * (area.weight ?? 0.3));
  canvas.fillRect(left, top, right - left, height);
  if (area.hatched) hatch(canvas, left, right, top, bottom, faded(colour, 0.3));
  if (area.outlined) {
    canvas.strokeStyle = faded(colour, 0.7);
    canvas.lineWidth = 1;
    canvas.strokeRect(left + 0.5, top + 0.5, right - left - 1, height - 1);
  }
}

/** The label of an area, above the bars: its box lies below them. */
export function drawAreaLabel(canvas: Canvas, area: Area, on: Projection, theme: ChartTheme): void {
  if (area.label === undefined) return;
  const { left, right, top, bottom } = boxOf(area, on);
  if (right <= left || bottom < top) return;
  const colour = theme.tones[area.tone];
  if (area.hatched) {
    if (right - left >= 26) label(canvas, area.label, left + 4, on.height - 8, colour, theme);
  } else label(canvas, area.label, Math.min(right, on.width) - 4, area.labelAt === "bottom" ? bottom - 4 : top + 12, colour, theme, true);
}

function hatch(canvas: Canvas, left: number, right: number, top: number, bottom: number, colour: string): void {
  canvas.beginPath();
  canvas.rect(left, top, right - left, bottom - top);
  canvas.clip();
  canvas.strokeStyle = colour;
  canvas.lineWidth = 1;
  canvas.beginPath();
  const height = bottom - top;
  // lines start at multiples of 8 so that they do not crawl while one scrolls
  for (let x = Math.floor((left - height) / 8) * 8; x < right; x += 8) {
    canvas.moveTo(x, bottom);
    canvas.lineTo(x + height, top);
  }
  canvas.stroke();
}

function drawBubble(canvas: Canvas, bubble: Bubble, on: Projection, theme: ChartTheme): void {
  const x = on.x(bubble.at.time);
  const y = on.y(bubble.at.price);
  if (y === null || x < -40 || x > on.width + 40) return;
  const colour = theme.tones[bubble.tone];
  canvas.fillStyle = faded(colour, 0.3);
  canvas.strokeStyle = colour;
  canvas.lineWidth = 1.25;
  circle(canvas, x, y, bubble.radius, true);
  if (bubble.label) label(canvas, bubble.label, x + bubble.radius + 4, y + 4, colour, theme);
}

function drawUpright(canvas: Canvas, line: Upright, on: Projection, theme: ChartTheme): void {
  const x = on.x(line.time);
  if (x < -2 || x > on.width + 2) return;
  const colour = theme.tones[line.tone];
  canvas.strokeStyle = colour;
  canvas.lineWidth = 1.5;
  canvas.setLineDash([6, 4]);
  canvas.beginPath();
  canvas.moveTo(x, 0);
  canvas.lineTo(x, on.height);
  canvas.stroke();
  if (line.label) label(canvas, line.label, x - 6, on.width < 500 ? on.height - 8 : 14, colour, theme, true);
}

function drawTick(canvas: Canvas, tick: Tick, on: Projection, theme: ChartTheme): void {
  const x = on.x(tick.at.time);
  const price = on.y(tick.at.price);
  if (price === null || x < -10 || x > on.width + 10) return;
  const y = tick.side === "above" ? price - TICK_AWAY : price + TICK_AWAY;
  canvas.fillStyle = faded(theme.tones[tick.tone], 0.45 + 0.55 * (tick.weight ?? 1));
  canvas.beginPath();
  if (tick.form === "dot") canvas.arc(x, y, 2.5, 0, 2 * Math.PI);
  else {
    const tip = tick.form === "up" ? -4 : 4;
    canvas.moveTo(x, y + tip);
    canvas.lineTo(x - 4, y - tip * 0.7);
    canvas.lineTo(x + 4, y - tip * 0.7);
    canvas.closePath();
  }
  canvas.fill();
}

function drawShelf(canvas: Canvas, shelf: Shelf, on: Projection, theme: ChartTheme): void {
  const { left, right, top, bottom } = boxOf(shelf, on);
  if (right <= left) return;
  canvas.fillStyle = faded(theme.tones[shelf.tone], 0.12 + 0.25 * (shelf.weight ?? 0.3));
  canvas.fillRect(left, top, right - left, Math.max(1, bottom - top - 1));
}

function circle(canvas: Canvas, x: number, y: number, radius: number, stroked: boolean): void {
  canvas.beginPath();
  canvas.arc(x, y, radius, 0, 2 * Math.PI);
  canvas.fill();
  if (stroked) canvas.stroke();
}

function label(canvas: Canvas, text: string, x: number, y: number, colour: string, theme: ChartTheme, left = false): void {
  canvas.setLineDash([]);
  canvas.font = `500 10.5px ${theme.font}`;
  const width = canvas.measureText(text).width;
  const from = left ? x - width : x;
  canvas.fillStyle = faded(theme.background, 0.75);
  canvas.fillRect(from - 3, y - 10, width + 6, 14);
  canvas.fillStyle = colour;
  canvas.fillText(text, from, y);
}
