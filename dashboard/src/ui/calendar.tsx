/** Days as a strip of cells for each row: quality, coverage, gaps. */
import type { Maybe } from "./format";

export interface CalendarRow {
  readonly name: string;
  /** By day, "2026-11-29"; what is missing is shown as missing. */
  readonly days: ReadonlyMap<string, { readonly value: Maybe<number>; readonly text: string }>;
}

interface CalendarProps {
  readonly label: string;
  readonly rows: readonly CalendarRow[];
  /** Oldest first. */
  readonly days: readonly string[];
  /** From 0 (little) to 5 (much) for a value. */
  readonly level: (value: number) => number;
  /** What a day without a value says. */
  readonly missing?: string;
  readonly legend: readonly { readonly level: number; readonly text: string }[];
}

/** The last so many days before a moment, oldest first, its own day included. */
export function lastDays(now: number, length: number): string[] {
  const today = Math.floor(now / 86_400_000);
  return Array.from({ length }, (_, index) => new Date((today - length + 1 + index) * 86_400_000).toISOString().slice(0, 10));
}

export function Calendar({ label, rows, days, level, legend, missing = "no data" }: CalendarProps) {
  return (
    <figure aria-label={label}>
      <div class="calendar">
        {rows.map((row) => (
          <CalendarStrip key={row.name} row={row} days={days} level={level} missing={missing} />
        ))}
        <span />
        <span class="calendar-ends dim">
          <span>{days[0]}</span>
          <span>{days[days.length - 1]}</span>
        </span>
      </div>
      <figcaption class="legend">
        {legend.map((each) => (
          <span key={each.level}>
            <i style={{ background: `var(--heat-${each.level})` }} />
            {each.text}
          </span>
        ))}
        <span>
          <i class="none-key" />
          {missing}
        </span>
      </figcaption>
    </figure>
  );
}

interface StripProps {
  readonly row: CalendarRow;
  readonly days: readonly string[];
  readonly level: (value: number) => number;
  readonly missing: string;
}

function CalendarStrip({ row, days, level, missing }: StripProps) {
  const known = days.filter((day) => typeof row.days.get(day)?.value === "number").length;
  return (
    <>
      <span class="calendar-name" title={row.name}>
        {row.name}
      </span>
      <div class="strip" role="img" aria-label={`${row.name}: ${known} of ${days.length} days known`}>
        {days.map((day) => {
          const cell = row.days.get(day);
          const value = cell?.value;
          const title = `${row.name}, ${day}: ${cell?.text ?? missing}`;
          return typeof value === "number" ? (
            <i key={day} title={title} style={{ background: `var(--heat-${level(value)})` }} />
          ) : (
            <i key={day} title={title} class="none" />
          );
        })}
      </div>
    </>
  );
}
