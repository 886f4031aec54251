/** The newest state of a book: told by the stream four times a second, asked for where that does not come. */
import { useEffect, useState } from "preact/hooks";
import { rowsOf } from "../../api/client";
import { type Resource, useReading } from "../../api/reading";
import { live } from "../../live/socket";
import { now } from "../../ui/clock";
import { type BookRow, bookOf } from "./rows";
import type { BookState } from "./state";

const EVERY = 1_000;
/** A stream that told nothing for so long may be of a dead worker: the table is asked beside it (ours). */
export const QUIET = 5_000;

export interface Followed {
  readonly book: BookRow | null;
  readonly by: "stream" | "polling";
  /** Why it is not the stream. */
  readonly reason: string;
  readonly asked: Resource<unknown>;
}

export function useBook({ symbol, venue }: BookState): Followed {
  const [told, tell] = useState<{ key: string; book: BookRow; at: number } | null>(null);
  const [refused, setRefused] = useState("");
  const key = `${venue} ${symbol}`;
  useEffect(() => {
    setRefused("");
    return live.subscribe(
      "book",
      { symbol, venue },
      ({ rows }) => {
        const row = rows[rows.length - 1];
        if (row) tell({ key, book: bookOf(row), at: Date.now() });
      },
      setRefused,
    );
  }, [symbol, venue]);
  const mine = told?.key === key ? told.book : null;
  const quiet = told !== null && now.value > 0 && Date.now() - told.at > QUIET;
  const streaming = live.state.value === "live" && refused === "" && mine !== null && !quiet;
  const asked = useReading(streaming ? null : "book", { symbol, venue }, { every: EVERY });
  const row = asked.data ? rowsOf<Record<string, unknown>>(asked.data)[0] : undefined;
  if (streaming) return { book: mine, by: "stream", reason: "", asked };
  const reason = refused || live.reason.value || (live.state.value === "live" ? "it tells nothing of this book" : "it is not connected");
  return { book: newest(mine, row ? bookOf(row) : null), by: "polling", reason, asked };
}

/** The newer of two states; one of unknown time is older. */
export function newest(a: BookRow | null, b: BookRow | null): BookRow | null {
  if (a === null || b === null) return a ?? b;
  return (a.ts ?? "") > (b.ts ?? "") ? a : b;
}
