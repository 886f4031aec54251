import { useEffect, useRef, useState } from "preact/hooks";
import { theme } from "../ui/theme";
import { type Diverging, divergingColour, type Grid } from "./heat";
import { useWidth } from "./use_width";

interface Props<Cell> {
  readonly label: string;
  readonly grid: Grid<Cell>;
  readonly limit: number;
  readonly valueOf: (cell: Cell) => number;
  /** Cells that are not told from nothing: grey, whatever their value. */
  readonly isVoid?: (cell: Cell) => boolean;
  readonly columnTitle: (time: number) => string;
  readonly words: (row: string, time: number, cell: Cell | null) => readonly string[];
  /** What stands in a cell where there is room. */
  readonly text?: (cell: Cell) => string;
  readonly legend: readonly [string, string, string];
}

const ROW = 26;
const HEAD = 20;

/** Values by row and time on a diverging scale whose middle is zero: blue below, orange above, hatched unknown. */
export function HeatGrid<Cell>({ label, grid, limit, valueOf, isVoid, columnTitle, words, text, legend }: Props<Cell>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { place, width } = useWidth();
  const [at, point] = useState<{ row: number; column: number; x: number; y: number } | null>(null);
  const side = width < 500 ? 110 : 190;
  const cellWidth = Math.max(1, (width - side) / Math.max(1, grid.times.length));
  const height = HEAD + grid.rows.length * ROW;
  const look = theme.value;

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || width === 0) return;
    const ratio = devicePixelRatio || 1;
    canvas.current.width = width * ratio;
    canvas.current.height = height * ratio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const scale = scaleOf(colour);
    context.clearRect(0, 0, width, height);
    context.font = `11px ${colour("--font")}`;
    context.textBaseline = "middle";
    let labelled = -Infinity;
    grid.times.forEach((time, column) => {
      const x = side + column * cellWidth;
      if (x < labelled) return;
      context.fillStyle = colour("--ink-3");
      const title = columnTitle(time);
      const wide = context.measureText(title).width;
      if (x + wide > width + 2) return;
      context.fillText(title, x, HEAD / 2);
      labelled = x + wide + 12;
    });
    grid.rows.forEach((name, row) => {
      const y = HEAD + row * ROW;
      context.fillStyle = colour("--ink-2");
      context.fillText(name, 0, y + ROW / 2, side - 8);
      grid.cells[row]?.forEach((cell, column) => {
        const x = side + column * cellWidth;
        const box = [x, y + 1, Math.max(1, cellWidth - 1), ROW - 2] as const;
        if (cell === null) {
          hatch(context, box, colour("--line-strong"));
          return;
        }
        const grey = isVoid?.(cell) ?? false;
        context.fillStyle = grey ? colour("--hover") : divergingColour(valueOf(cell), limit, scale);
        context.fillRect(...box);
        const shown = text?.(cell);
        if (shown !== undefined && context.measureText(shown).width < cellWidth - 6) {
          context.fillStyle = grey ? colour("--ink-3") : colour("--ink");
          context.fillText(shown, x + (cellWidth - context.measureText(shown).width) / 2, y + ROW / 2);
        }
      });
    });
  }, [grid, width, limit, look]);

  const move = (event: PointerEvent) => {
    const x = event.offsetX;
    const y = event.offsetY;
    const row = Math.floor((y - HEAD) / ROW);
    const column = Math.floor((x - side) / cellWidth);
    point(row >= 0 && row < grid.rows.length && column >= 0 && column < grid.times.length ? { row, column, x, y } : null);
  };
  const told = at === null ? null : words(grid.rows[at.row] ?? "", grid.times[at.column] ?? 0, grid.cells[at.row]?.[at.column] ?? null);
  return (
    <div class="heat" ref={place}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={label}
        style={{ width: `${width}px`, height: `${height}px` }}
        onPointerMove={move}
        onPointerDown={move}
        onPointerLeave={() => point(null)}
      />
      {told === null || at === null ? null : (
        <div class="chart-tip" role="tooltip" style={{ top: `${at.y + 14}px`, ...(at.x < width / 2 ? { left: `${at.x}px` } : { right: `${width - at.x}px` }) }}>
          <div>{told.map((line, place) => (place === 0 ? <strong key={place}>{line}</strong> : <span key={place}>{line}</span>))}</div>
        </div>
      )}
      <div class="heat-legend" aria-hidden="true">
        <span>{legend[0]}</span>
        <i />
        <span>{legend[1]}</span>
        <i class="positive" />
        <span>{legend[2]}</span>
        <span class="dim"><i class="unknown" /> not known</span>
      </div>
    </div>
  );
}

function scaleOf(colour: (name: string) => string): Diverging {
  return { negative: colour("--up"), middle: colour("--raised"), positive: colour("--down") };
}

function hatch(context: CanvasRenderingContext2D, [x, y, width, height]: readonly [number, number, number, number], colour: string): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.strokeStyle = colour;
  context.beginPath();
  for (let from = x - height; from < x + width; from += 6) {
    context.moveTo(from, y + height);
    context.lineTo(from + height, y);
  }
  context.stroke();
  context.restore();
}
