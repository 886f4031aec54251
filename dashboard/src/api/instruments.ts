import { signal } from "@preact/signals";
import { ask, rowsOf, type Columns } from "./client";

/** An instrument as pages list it. */
export interface Listed {
  readonly symbol: string;
  readonly venue: string;
  readonly tracked: boolean;
  readonly kind: string | null;
}

/** All instruments, tracked ones first: asked once, for the search and for lists to choose from. */
export const instruments = signal<readonly Listed[]>([]);

let asked: Promise<void> | null = null;

/** Ask for them if nobody has; `anew` asks again. */
export function loadInstruments(anew = false): Promise<void> {
  if (anew) asked = null;
  asked ??= load().catch((error: unknown) => {
    asked = null;
    throw error;
  });
  return asked;
}

async function load(): Promise<void> {
  const rows: Listed[] = [];
  let cursor: string | null = null;
  do {
    const page: Columns = await ask("symbols", { fields: "symbol,venue,tracked,kind", limit: 20_000, cursor });
    rows.push(...rowsOf<Listed>(page));
    cursor = page.next;
  } while (cursor !== null);
  instruments.value = rows.sort((a, b) => Number(b.tracked) - Number(a.tracked));
}
