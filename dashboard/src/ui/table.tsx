/** One table for all: sorted by its heads, walked by keys, of a thousand rows only those that are seen. */
import type { ComponentChildren, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { narrow } from "./narrow";
import { move, seen, sorted, type Sort, type SortValue } from "./table_rows";

export interface Column<Row> {
  readonly key: string;
  readonly title: string;
  /** Stands in the head, once, instead of in each cell. */
  readonly unit?: string;
  /** What the column is: shown on hover. */
  readonly about?: string;
  readonly align?: "left" | "right";
  /** In rem; columns keep their width whatever the rows hold. */
  readonly width: number;
  /** The same in a narrow window; 0 leaves the column out there. */
  readonly narrowWidth?: number;
  /** Stays at the left edge while the rest moves. */
  readonly pinned?: boolean;
  /** By what rows are sorted; a column without it does not sort. Nulls come last either way. */
  readonly sort?: (row: Row) => SortValue;
  readonly render: (row: Row) => ComponentChildren;
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly initialSort?: Sort;
  /** A click, or Enter. */
  readonly open?: (row: Row) => void;
  /** CSS length; by default the table is at most 32 rem high and scrolls within. */
  readonly height?: string;
}

/** Rows above and below what is seen: a fast scroll shows no holes. */
const SPARE = 12;

export function DataTable<Row>({ label, columns: given, rows, rowKey, initialSort, open, height }: TableProps<Row>) {
  const place = useRef<HTMLDivElement>(null);
  const columns = narrow.value ? given.map(narrowed).filter((each) => each.width > 0) : given;
  const [sort, setSort] = useState<Sort | null>(initialSort ?? null);
  const [chosen, setChosen] = useState<string | null>(null);
  const [view, setView] = useState({ top: 0, height: 640, row: 28 });
  const column = columns.find((each) => each.key === sort?.key);
  const ordered = useMemo(
    () => (sort && column?.sort ? sorted(rows, column.sort, sort.descending) : rows),
    [rows, sort, column?.sort],
  );
  const { first, last } = seen(ordered.length, view.top, view.height, view.row, SPARE);

  useLayoutEffect(() => {
    const box = place.current;
    if (!box) return undefined;
    const measure = () => {
      const row = box.querySelector<HTMLElement>("tbody tr[data-row]")?.offsetHeight;
      setView((before) => {
        const now = { top: box.scrollTop, height: box.clientHeight, row: row || before.row };
        return now.top === before.top && now.height === before.height && now.row === before.row ? before : now;
      });
    };
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(box);
    box.addEventListener("scroll", measure, { passive: true });
    return () => {
      watch.disconnect();
      box.removeEventListener("scroll", measure);
    };
  }, []);

  const at = chosen === null ? -1 : ordered.findIndex((row) => rowKey(row) === chosen);
  useEffect(() => {
    const box = place.current;
    if (at < 0 || !box || document.activeElement !== box) return;
    const head = box.querySelector("thead")?.clientHeight ?? 0;
    const above = at * view.row;
    if (above < box.scrollTop) box.scrollTop = above;
    else if (above + view.row + head > box.scrollTop + box.clientHeight) box.scrollTop = above + view.row + head - box.clientHeight;
  }, [at]);

  const pressed = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    if (event.target !== event.currentTarget) return;
    const row = ordered[at];
    if (event.key === "Enter" && row && open) {
      event.preventDefault();
      open(row);
      return;
    }
    const next = move(event.key, at, ordered.length, Math.max(1, Math.floor(view.height / view.row) - 2));
    const to = next === null ? undefined : ordered[next];
    if (!to) return;
    event.preventDefault();
    setChosen(rowKey(to));
  };

  const width = columns.reduce((sum, each) => sum + each.width, 0);
  return (
    <div
      class="table-scroll"
      ref={place}
      tabIndex={0}
      role="region"
      aria-label={`${label}: ${ordered.length} rows, arrow keys to walk${open ? ", Enter to open" : ""}`}
      onKeyDown={pressed}
      style={height ? { "--table-height": height } : {}}
    >
      <table class="table" aria-rowcount={ordered.length + 1} style={{ minWidth: `${width}rem` }}>
        <colgroup>
          {columns.map((each) => (
            <col key={each.key} style={{ width: `${(100 * each.width) / width}%` }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((each) => (
              <Head key={each.key} column={each} sort={sort} setSort={setSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {first > 0 ? <Spacer columns={columns.length} height={first * view.row} /> : null}
          {ordered.slice(first, last).map((row, index) => {
            const key = rowKey(row);
            return (
              <tr
                key={key}
                data-row={key}
                class={open ? "opens" : undefined}
                aria-rowindex={first + index + 2}
                aria-selected={key === chosen}
                onClick={(event) => {
                  if ((event.target as HTMLElement).closest("a,button,input")) return;
                  setChosen(key);
                  open?.(row);
                }}
              >
                {columns.map((each) => (
                  <td key={each.key} class={classOf(each)}>
                    {each.render(row)}
                  </td>
                ))}
              </tr>
            );
          })}
          {last < ordered.length ? <Spacer columns={columns.length} height={(ordered.length - last) * view.row} /> : null}
        </tbody>
      </table>
    </div>
  );
}

function narrowed<Row>(column: Column<Row>): Column<Row> {
  return column.narrowWidth === undefined ? column : { ...column, width: column.narrowWidth };
}

function classOf<Row>(column: Column<Row>): string {
  return `${column.align === "right" ? "number" : ""}${column.pinned ? " pinned" : ""}${column.title ? "" : " tight"}`.trim();
}

function Spacer({ columns, height }: { readonly columns: number; readonly height: number }) {
  return (
    <tr class="spacer" aria-hidden="true">
      <td colSpan={columns} style={{ height: `${height}px` }} />
    </tr>
  );
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly sort: Sort | null;
  readonly setSort: (sort: Sort) => void;
}

function Head<Row>({ column, sort, setSort }: HeadProps<Row>) {
  const mine = sort?.key === column.key ? sort : null;
  const text = (
    <>
      {column.title}
      {column.unit ? <span class="unit">{column.unit}</span> : null}
    </>
  );
  const about = column.about ?? (column.unit ? `${column.title}, ${column.unit}` : column.title);
  if (!column.sort) {
    return (
      <th scope="col" class={classOf(column)} title={about}>
        <span class="head">{text}</span>
      </th>
    );
  }
  // numbers are looked at from the largest down first, words from A
  const descending = mine ? !mine.descending : column.align === "right";
  return (
    <th
      scope="col"
      class={classOf(column)}
      title={about}
      {...(mine ? { "aria-sort": mine.descending ? ("descending" as const) : ("ascending" as const) } : {})}
    >
      <button type="button" onClick={() => setSort({ key: column.key, descending })}>
        {text}
        <span class="arrow" aria-hidden="true">
          {mine ? (mine.descending ? "▼" : "▲") : ""}
        </span>
      </button>
    </th>
  );
}
