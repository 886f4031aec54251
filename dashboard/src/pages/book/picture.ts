/** The heatmap's pixels: one a cell, scrolled by drawing itself, stretched by whoever draws it. */
import { cellsOf, type DepthColumn, type Rows, shareOf } from "./grid";
import { paint } from "./palette";

export interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** Bytes of one column of pixels, the highest price first; a slot of null is unknown from top to bottom. */
export function bytesOf(column: DepthColumn | null, rows: Rows, bounds: Bounds): Uint8ClampedArray<ArrayBuffer> {
  const bytes = new Uint8ClampedArray(rows.count * 4);
  if (column === null) return bytes;
  const cells = cellsOf(column, rows);
  for (let row = 0; row < rows.count; row += 1) {
    const size = cells[row] ?? Number.NaN;
    const share = Number.isNaN(size) ? null : size > 0 ? Math.max(shareOf(size, bounds), 1 / 255) : 0;
    paint(bytes, (rows.count - 1 - row) * 4, share);
  }
  return bytes;
}

/** Draws columns into a canvas of one pixel a cell. */
export class Picture {
  readonly canvas: HTMLCanvasElement;
  private readonly context: CanvasRenderingContext2D;

  constructor(
    readonly rows: Rows,
    readonly columns: number,
    readonly bounds: Bounds,
  ) {
    this.canvas = document.createElement("canvas");
    this.canvas.width = columns;
    this.canvas.height = rows.count;
    const context = this.canvas.getContext("2d");
    if (context === null) throw new Error("this browser draws no canvas");
    this.context = context;
  }

  /** All columns anew. */
  drawAll(shown: readonly (DepthColumn | null)[]): void {
    const image = this.context.createImageData(this.columns, this.rows.count);
    let before: DepthColumn | null | undefined;
    let bytes = new Uint8ClampedArray(0);
    for (let at = 0; at < this.columns; at += 1) {
      const column = shown[at] ?? null;
      if (column !== before) bytes = bytesOf(column, this.rows, this.bounds);
      before = column;
      for (let row = 0; row < this.rows.count; row += 1) {
        const from = row * 4;
        const to = (row * this.columns + at) * 4;
        for (let part = 0; part < 4; part += 1) image.data[to + part] = bytes[from + part] ?? 0;
      }
    }
    this.context.putImageData(image, 0, 0);
  }

  /** One column anew. */
  draw(at: number, column: DepthColumn | null): void {
    const image = this.context.createImageData(1, this.rows.count);
    image.data.set(bytesOf(column, this.rows, this.bounds));
    this.context.putImageData(image, at, 0);
  }

  /** Time has gone on by so many columns: the picture moves left, what comes in is unknown until it is drawn. */
  scroll(by: number): void {
    if (by <= 0) return;
    this.context.globalCompositeOperation = "copy";
    this.context.drawImage(this.canvas, -by, 0);
    this.context.globalCompositeOperation = "source-over";
    this.context.clearRect(this.columns - by, 0, by, this.rows.count);
  }
}
