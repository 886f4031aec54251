/** The newest state of a book: told by the stream four times a second, asked for where that does not come. */
import { useEffect, useState } from "preact/hooks";
import { rowsOf } from "../../api/client";
import { type Resource, useReading } from "../../api/reading";
import { live } from "../../live/socket";
import { type BookRow, bookOf } from "./rows";
import type { BookState } from "./state";

const EVERY = 1_000;

export interface Followed {
  readonly book: BookRow | null;
  readonly by: "stream" | "polling";
  /** Why it is not the stream. */
  readonly reason: string;
  readonly asked: Resource<unknown>;
}

export function useBook({ symbol, venue }: BookState): Followed {
  const [told, tell] = useState<{ key: string; book: BookRow } | null>(null);
  const [refused, setRefused] = useState("");
  const key = `${venue} ${symbol}`;
  useEffect(() => {
    setRefused("");
    return live.subscribe(
      "book",
      { symbol, venue },
      ({ rows }) => {
        const row = rows[rows.length - 1];
        if (row) tell({ key, book: bookOf(row) });
      },
      setRefused,
    );
  }, [symbol, venue]);
  const mine = told?.key === key ? told.book : null;
  const streaming = live.state.value === "live" && refused === "" && mine !== null;
  const asked = useReading(streaming ? null : "book", { symbol, venue }, { every: EVERY });
  const row = asked.data ? rowsOf<Record<string, unknown>>(asked.data)[0] : undefined;
  if (streaming) return { book: mine, by: "stream", reason: "", asked };
  return { book: row ? bookOf(row) : null, by: "polling", reason: refused || live.reason.value || "no stream is connected", asked };
}
