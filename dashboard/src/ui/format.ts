/** Numbers and times as text: pure, one way each. What is not known is a dash, never zero. */

export const UNKNOWN = "–";
const MINUS = "−";

export type Maybe<T> = T | null | undefined;

/** A moment as the API gives it: RFC 3339 text, or milliseconds since 1970. */
export type Moment = string | number | Date;

export function millisecondsOf(moment: Maybe<Moment>): number | null {
  if (moment === null || moment === undefined) return null;
  const value = moment instanceof Date ? moment.getTime() : typeof moment === "number" ? moment : Date.parse(moment);
  return Number.isFinite(value) ? value : null;
}

function known(value: Maybe<number>): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

const cache = new Map<string, Intl.NumberFormat>();

function formatter(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = JSON.stringify(options);
  let found = cache.get(key);
  if (!found) {
    found = new Intl.NumberFormat("en-US", options);
    cache.set(key, found);
  }
  return found;
}

function minus(text: string): string {
  return text.replace("-", MINUS);
}

/** How many decimals show `digits` significant digits of a value of this size. */
export function decimalsFor(value: number, digits = 6): number {
  if (value === 0) return 2;
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
  return Math.min(12, Math.max(0, digits - whole));
}

/** A price: `digits` significant digits with all places shown, so that a moving price keeps its width. */
export function price(value: Maybe<number>, digits = 6): string {
  if (!known(value)) return UNKNOWN;
  const places = Math.max(decimalsFor(value, digits), 0);
  const shown = Math.abs(value) >= 1 ? Math.min(places, 4) : places;
  return minus(formatter({ minimumFractionDigits: shown, maximumFractionDigits: shown }).format(value));
}

/** Any number: at most `digits` significant digits, thousands apart. */
export function number(value: Maybe<number>, digits = 6): string {
  if (!known(value)) return UNKNOWN;
  const options = Math.abs(value) >= 10 ** digits ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: digits };
  return minus(formatter(options).format(value));
}

/** A count: whole, thousands apart. */
export function count(value: Maybe<number>): string {
  return known(value) ? minus(formatter({ maximumFractionDigits: 0 }).format(value)) : UNKNOWN;
}

const STEPS = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;

/** A large quantity in three digits: 1.23M, 45.6k. */
export function compact(value: Maybe<number>): string {
  if (!known(value)) return UNKNOWN;
  const size = Math.abs(value);
  for (const [step, letter] of STEPS) {
    if (size >= step * 0.9995) return `${minus(threeDigits(value / step))}${letter}`;
  }
  return size === 0 ? "0" : minus(threeDigits(value));
}

function threeDigits(value: number): string {
  const places = Math.max(0, Math.min(8, decimalsFor(value, 3)));
  return formatter({ minimumFractionDigits: Math.min(places, 2), maximumFractionDigits: places }).format(value);
}

/** A share as per cent, signed unless told otherwise: 0.0123 is "+1.23 %". */
export function percent(value: Maybe<number>, places = 2, signed = true): string {
  if (!known(value)) return UNKNOWN;
  const options: Intl.NumberFormatOptions = { minimumFractionDigits: places, maximumFractionDigits: places };
  if (signed) options.signDisplay = "exceptZero";
  return `${minus(formatter(options).format(value * 100))} %`;
}

/** A share as an unsigned per cent: 0.97 is "97 %". */
export function share(value: Maybe<number>, places = 0): string {
  return percent(value, places, false);
}

/** A share in basis points: 0.00012 is "+1.2 bp". */
export function basisPoints(value: Maybe<number>, places = 1): string {
  if (!known(value)) return UNKNOWN;
  const options = { minimumFractionDigits: places, maximumFractionDigits: places, signDisplay: "exceptZero" } as const;
  return `${minus(formatter(options).format(value * 1e4))} bp`;
}

/** The arrow of a change; colour never stands alone. */
export function arrow(value: Maybe<number>): string {
  if (!known(value) || value === 0) return "";
  return value > 0 ? "▲" : "▼";
}

/** A length of time in two units at most: "3 s", "4 min", "2 h 5 min", "3 d 4 h". */
export function duration(milliseconds: Maybe<number>): string {
  if (!known(milliseconds)) return UNKNOWN;
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 && days < 10 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** How old a moment is. A clock that is a little ahead is "now", not minus a second. */
export function age(moment: Maybe<Moment>, now: number): string {
  const at = millisecondsOf(moment);
  if (at === null) return UNKNOWN;
  const passed = now - at;
  return passed < 1000 ? "now" : duration(passed);
}

function parts(at: number): { day: string; minute: string; second: string } {
  const text = new Date(at).toISOString();
  return { day: text.slice(0, 10), minute: text.slice(11, 16), second: text.slice(11, 19) };
}

/** A time in UTC, short: "14:05:09" today, "11-29 14:05" this year, "2025-11-29" before. */
export function time(moment: Maybe<Moment>, now: number): string {
  const at = millisecondsOf(moment);
  if (at === null) return UNKNOWN;
  const { day, minute, second } = parts(at);
  const today = parts(now).day;
  if (day === today) return second;
  return day.slice(0, 4) === today.slice(0, 4) ? `${day.slice(5)} ${minute}` : day;
}

/** A time in UTC in full: "2026-11-29 14:05:09 UTC". */
export function fullTime(moment: Maybe<Moment>): string {
  const at = millisecondsOf(moment);
  if (at === null) return "not known";
  const { day, second } = parts(at);
  return `${day} ${second} UTC`;
}

/** The clock of the status bar: "14:05:09". */
export function clock(at: number): string {
  return parts(at).second;
}

/** Words of the database as words of a sentence: "head_and_shoulders" is "head and shoulders". */
export function words(text: Maybe<string>): string {
  return text ? text.replaceAll("_", " ").toLowerCase() : UNKNOWN;
}

/** The same, as a title: "Head and shoulders". */
export function title(text: Maybe<string>): string {
  const plain = words(text);
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
