/** A diverging scale with zero in its middle, and a grid of values. Pure but for the drawing. */
export interface Diverging {
  readonly negative: string;
  readonly middle: string;
  readonly positive: string;
}

type Rgb = readonly [number, number, number];

function rgb(hex: string): Rgb {
  const found = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex);
  if (found === null) return [128, 128, 128];
  return [found[1], found[2], found[3]].map((part) => Number.parseInt(part ?? "80", 16)) as unknown as Rgb;
}

/** The colour of a value: the middle at 0, the ends at -limit and limit and beyond. Small values stay visible. */
export function divergingColour(value: number, limit: number, scale: Diverging): string {
  const share = limit <= 0 ? 0 : Math.max(-1, Math.min(1, value / limit));
  const [from, to] = [rgb(scale.middle), rgb(share < 0 ? scale.negative : scale.positive)];
  const along = Math.abs(share) ** 0.7;
  const parts = from.map((part, place) => Math.round(part + ((to[place] ?? part) - part) * along));
  return `rgb(${parts.join(", ")})`;
}

/** A round limit that holds nearly all values: single extremes shall not make the rest look alike. */
export function limitOf(values: readonly number[]): number {
  const sizes = values.map(Math.abs).sort((a, b) => a - b);
  const near = sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * 0.95))] ?? 0;
  if (near === 0) return 1;
  const unit = 10 ** Math.floor(Math.log10(near));
  return [1, 2, 5, 10].map((step) => step * unit).find((round) => round >= near * 0.999) ?? near;
}

export interface Grid<Cell> {
  readonly rows: readonly string[];
  /** Seconds UTC. */
  readonly times: readonly number[];
  /** By row, then by time; null where nothing is known. */
  readonly cells: readonly (readonly (Cell | null)[])[];
}

/** A grid of cells by row and time: rows in the order in which they come, times ascending. */
export function gridOf<Cell>(cells: readonly { readonly row: string; readonly time: number; readonly cell: Cell }[]): Grid<Cell> {
  const rows = [...new Set(cells.map((each) => each.row))];
  const times = [...new Set(cells.map((each) => each.time))].sort((a, b) => a - b);
  const places = new Map(cells.map((each) => [`${each.row} ${each.time}`, each.cell]));
  return { rows, times, cells: rows.map((row) => times.map((time) => places.get(`${row} ${time}`) ?? null)) };
}
