/** The pure part of a table: order, which rows are seen, and where a key leads. */

export type SortValue = number | string | boolean | null | undefined;

export interface Sort {
  readonly key: string;
  readonly descending: boolean;
}

/** Rows in order; equal ones stay as they were, what is not known comes last either way. */
export function sorted<Row>(rows: readonly Row[], value: (row: Row) => SortValue, descending: boolean): Row[] {
  const way = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, at: value(row) }))
    .sort((a, b) => {
      const missing = Number(isMissing(a.at)) - Number(isMissing(b.at));
      return missing !== 0 || isMissing(a.at) ? missing : way * compare(a.at, b.at);
    })
    .map((each) => each.row);
}

function isMissing(value: SortValue): boolean {
  return value === null || value === undefined || (typeof value === "number" && Number.isNaN(value));
}

function compare(a: SortValue, b: SortValue): number {
  if (typeof a === "string" && typeof b === "string") return a.localeCompare(b, "en", { numeric: true });
  return Number(a) - Number(b);
}

/** Which rows to draw: those seen and some beside them; all where there are few. */
export function seen(
  rows: number,
  top: number,
  height: number,
  row: number,
  spare: number,
): { readonly first: number; readonly last: number } {
  if (rows <= 80) return { first: 0, last: rows };
  const first = Math.max(0, Math.min(Math.floor(top / row), rows) - spare);
  return { first, last: Math.min(rows, Math.ceil((top + height) / row) + spare) };
}

/** Where a key leads from a row (-1: none yet); null where the key is not the table's. */
export function move(key: string, at: number, rows: number, page: number): number | null {
  if (rows === 0) return null;
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? 0 : at - 1, Home: 0, End: rows - 1, PageDown: at + page, PageUp: at - page }[key];
  return to === undefined ? null : Math.max(0, Math.min(rows - 1, to));
}
