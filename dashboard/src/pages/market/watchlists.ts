/** Watchlists: of the API where it keeps them, else of this browser. */
import { signal } from "@preact/signals";
import { Problem, get, send } from "../../api/client";
import { keyOf } from "./rows";

export interface Watchlist {
  readonly name: string;
  /** "venue symbol" of each. */
  readonly symbols: ReadonlySet<string>;
}

export const watchlists = signal<readonly Watchlist[]>([]);
/** Where they are kept: alert rules can watch those of the API only. */
export const keptBy = signal<"api" | "browser">("browser");

const KEPT = "alphapulse.watchlists";
const ADDRESS = "/api/v1/watchlists";

interface Told {
  readonly name: string;
  readonly symbols?: readonly { readonly venue: string; readonly symbol: string }[];
}

export async function loadWatchlists(): Promise<void> {
  try {
    const told = (await get(ADDRESS)) as { readonly data: readonly Told[] };
    watchlists.value = told.data.map((list) => ({ name: list.name, symbols: new Set((list.symbols ?? []).map(keyOf)) }));
    keptBy.value = "api";
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    keptBy.value = "browser";
    watchlists.value = ofBrowser();
  }
}

function ofBrowser(): Watchlist[] {
  try {
    const read = JSON.parse(localStorage.getItem(KEPT) ?? "[]") as { name: string; symbols: string[] }[];
    return read.map((each) => ({ name: each.name, symbols: new Set(each.symbols) }));
  } catch {
    return [];
  }
}

function keep(): void {
  const lists = watchlists.value.map((each) => ({ name: each.name, symbols: [...each.symbols] }));
  localStorage.setItem(KEPT, JSON.stringify(lists));
}

export async function addWatchlist(name: string): Promise<void> {
  if (watchlists.value.some((each) => each.name.toLowerCase() === name.toLowerCase())) return;
  if (keptBy.value === "api") await send("POST", ADDRESS, { name, symbols: [] });
  watchlists.value = [...watchlists.value, { name, symbols: new Set() }];
  if (keptBy.value === "browser") keep();
}

export async function removeWatchlist(name: string): Promise<void> {
  if (keptBy.value === "api") await send("DELETE", `${ADDRESS}/${encodeURIComponent(name)}`);
  watchlists.value = watchlists.value.filter((each) => each.name !== name);
  if (keptBy.value === "browser") keep();
}

/** Put a symbol on a list, or take it off. */
export async function toggle(name: string, row: { readonly venue: string; readonly symbol: string }): Promise<void> {
  const list = watchlists.value.find((each) => each.name === name);
  if (!list) return;
  const key = keyOf(row);
  const symbols = new Set(list.symbols);
  if (!symbols.delete(key)) symbols.add(key);
  if (keptBy.value === "api") {
    const all = [...symbols].map((each) => {
      const [venue, symbol] = each.split(" ");
      return { venue, symbol };
    });
    await send("PATCH", `${ADDRESS}/${encodeURIComponent(name)}`, { symbols: all });
  }
  watchlists.value = watchlists.value.map((each) => (each.name === name ? { name, symbols } : each));
  if (keptBy.value === "browser") keep();
}
