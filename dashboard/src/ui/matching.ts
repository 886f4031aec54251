/** Finding a symbol by what was typed: exact, then beginnings, parts, and at last what was probably meant. */

export interface Instrument {
  readonly symbol: string;
  readonly venue: string;
}

export interface Match<Item extends Instrument> {
  readonly item: Item;
  /** Smaller is better; from `MEANT` on it is a guess. */
  readonly rank: number;
}

export const MEANT = 10;

function bare(text: string): string {
  return text.toUpperCase().replace(/[^A-Z0-9]/g, "");
}

/** Steps from one word to another: a letter put in, left out, changed, or two neighbours swapped. */
export function distance(a: string, b: string, most = 3): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, (before[j - 2] ?? 0) + 1);
      row.push(least);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? most + 1;
}

function rankOf(wanted: string, venue: string | null, item: Instrument): number | null {
  if (venue !== null && !item.venue.toLowerCase().startsWith(venue)) return null;
  const whole = bare(item.symbol);
  const base = bare(item.symbol.split("/")[0] ?? "");
  if (wanted === "") return 5;
  if (whole === wanted || base === wanted) return base === wanted ? 1 : 0;
  if (base.startsWith(wanted)) return 2;
  if (whole.startsWith(wanted)) return 3;
  if (whole.includes(wanted)) return 4;
  const steps = Math.min(distance(base, wanted, 2), distance(whole, wanted, 2));
  // one wrong letter of three, two of six: else everything is near everything
  return wanted.length >= 3 && steps <= (wanted.length >= 6 ? 2 : 1) ? MEANT + steps : null;
}

/** The instruments that fit best, best first. "btc bybit" looks at one venue; guesses come only where nothing fits. */
export function matches<Item extends Instrument>(items: readonly Item[], typed: string, most = 12): Match<Item>[] {
  const parts = typed.trim().split(/\s+/);
  const wanted = bare(parts[0] ?? "");
  const venue = parts[1]?.toLowerCase() ?? null;
  const found: Match<Item>[] = [];
  for (const item of items) {
    const rank = rankOf(wanted, venue, item);
    if (rank !== null) found.push({ item, rank });
  }
  const fitting = found.filter((each) => each.rank < MEANT);
  const chosen = fitting.length > 0 ? fitting : found;
  chosen.sort(
    (a, b) => a.rank - b.rank || a.item.symbol.length - b.item.symbol.length || a.item.symbol.localeCompare(b.item.symbol) || a.item.venue.localeCompare(b.item.venue),
  );
  return chosen.slice(0, most);
}
