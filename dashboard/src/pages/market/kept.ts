/** Watchlists and saved filters of this browser. */
import { signal } from "@preact/signals";

export interface NamedList {
  readonly name: string;
  readonly symbols: readonly string[];
}

export interface NamedFilter {
  readonly name: string;
  readonly rules: string;
}

function stored<Item>(key: string): Item[] {
  try {
    const read: unknown = JSON.parse(localStorage.getItem(key) ?? "[]");
    return Array.isArray(read) ? (read as Item[]) : [];
  } catch {
    return [];
  }
}

const FILTERS = "alphapulse.filters";

/** Filters that are there from the start: to try, and to see how one is written. */
export const EXAMPLES: readonly NamedFilter[] = [
  { name: "Oversold", rules: "rsi_14 < 30 on 1h" },
  { name: "Up-trends with volume", rules: "trend = up on 4h; relative_volume_20 > 1.5 on 1h" },
  { name: "Crowded longs", rules: "funding > 1; oi_change_24h > 5" },
  { name: "Buy signals", rules: "signal_score > 10 on 1h" },
];

export const savedFilters = signal<readonly NamedFilter[]>(stored<NamedFilter>(FILTERS));

export function saveFilter(filter: NamedFilter): void {
  savedFilters.value = [...savedFilters.value.filter((each) => each.name !== filter.name), filter];
  localStorage.setItem(FILTERS, JSON.stringify(savedFilters.value));
}

export function forgetFilter(name: string): void {
  savedFilters.value = savedFilters.value.filter((each) => each.name !== name);
  localStorage.setItem(FILTERS, JSON.stringify(savedFilters.value));
}
