/** Numbers and times as they stand on a page: each says its full value, its unit and its time on hover. */
import * as format from "./format";
import type { Maybe, Moment } from "./format";
import { now } from "./clock";

interface Told {
  readonly value: Maybe<number>;
  /** What it is counted in: "USDT", "contracts". */
  readonly unit?: string;
  /** What it is of: shown on hover, with the full value. */
  readonly of?: string;
  /** When it was so. */
  readonly at?: Maybe<Moment>;
}

function tip(value: Maybe<number>, unit: string | undefined, of: string | undefined, at: Maybe<Moment>): string {
  if (value === null || value === undefined) return of ? `${of}: not known` : "not known";
  const what = of ? `${of}: ` : "";
  const when = at === null || at === undefined ? "" : `, ${format.fullTime(at)}`;
  return `${what}${value}${unit ? ` ${unit}` : ""}${when}`;
}

export function Price({ value, unit, of, at }: Told) {
  return <span title={tip(value, unit, of, at)}>{format.price(value)}</span>;
}

export function Quantity({ value, unit, of, at }: Told) {
  return <span title={tip(value, unit, of, at)}>{format.compact(value)}</span>;
}

export function Figure({ value, unit, of, at, digits = 4 }: Told & { readonly digits?: number }) {
  return <span title={tip(value, unit, of, at)}>{format.price(value, digits)}</span>;
}

/** A change: arrow, sign and colour, of a share (0.01 is one per cent). */
export function Change({ value, of, at, places = 2 }: Told & { readonly places?: number }) {
  const rounded = value === null || value === undefined ? null : Number((value * 100).toFixed(places));
  const way = rounded === null || rounded === 0 ? "" : rounded > 0 ? "up" : "down";
  return (
    <span class={way} title={tip(value === null || value === undefined ? value : value * 100, "%", of, at)}>
      {way ? <span class="arrow-mark" aria-hidden="true">{format.arrow(rounded)} </span> : null}
      {format.percent(value, places)}
    </span>
  );
}

export function Percent({ value, of, at, places = 0 }: Told & { readonly places?: number }) {
  return <span title={tip(value === null || value === undefined ? value : value * 100, "%", of, at)}>{format.share(value, places)}</span>;
}

/** A time in UTC, short; in full on hover. */
export function Time({ value }: { readonly value: Maybe<Moment> }) {
  const at = format.millisecondsOf(value);
  if (at === null) return <span title="not known">{format.UNKNOWN}</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={format.fullTime(at)}>
      {format.time(at, now.value)}
    </time>
  );
}

/** How long ago, counting. */
export function Age({ value }: { readonly value: Maybe<Moment> }) {
  const at = format.millisecondsOf(value);
  if (at === null) return <span title="not known">{format.UNKNOWN}</span>;
  return (
    <time dateTime={new Date(at).toISOString()} title={format.fullTime(at)}>
      {format.age(at, now.value)}
    </time>
  );
}
