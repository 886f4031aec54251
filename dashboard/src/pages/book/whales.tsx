/** What large orders do: asked once, then told by the stream, or asked again. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { rowsOf } from "../../api/client";
import { useReading } from "../../api/reading";
import type { Row } from "../../live/protocol";
import { live } from "../../live/socket";
import { millisecondsOf, title, words } from "../../ui/format";
import { Badge, Panel, type Tone } from "../../ui/parts";
import { Loaded } from "../../ui/states";
import { type Column, DataTable } from "../../ui/table";
import { Figure, Price, Quantity, Time } from "../../ui/values";
import type { BookState } from "./state";

export interface WhaleRow {
  readonly ts: string;
  readonly kind: string;
  readonly side: string;
  readonly price: number;
  readonly size: number;
  readonly notional: number | null;
  readonly notional_usd: number | null;
  readonly distance_bps: number | null;
  readonly cause: string | null;
  readonly reference: string | null;
}

const MOST = 200;
const FIELDS = "ts,kind,side,price,size,notional,notional_usd,distance_bps,cause,reference";

export function keyOf(row: WhaleRow): string {
  return `${row.ts} ${row.kind} ${row.side} ${row.price} ${row.reference ?? ""}`;
}

/** Newest first, each once. */
export function merged(told: readonly WhaleRow[], asked: readonly WhaleRow[]): WhaleRow[] {
  const rows = new Map<string, WhaleRow>();
  for (const row of [...told, ...asked]) rows.set(keyOf(row), row);
  return [...rows.values()].sort((a, b) => (millisecondsOf(b.ts) ?? 0) - (millisecondsOf(a.ts) ?? 0)).slice(0, MOST);
}

function toneOf(kind: string): Tone {
  if (kind.startsWith("suspected")) return "warn";
  if (kind === "wall_pulled") return "bad";
  return kind === "large_trade" ? "accent" : "none";
}

export function Whales({ state }: { readonly state: BookState }) {
  const { symbol, venue } = state;
  const of = { symbol, venue };
  const [told, tell] = useState<{ key: string; rows: readonly WhaleRow[] }>({ key: "", rows: [] });
  const key = `${venue} ${symbol}`;
  useEffect(
    () =>
      live.subscribe("whales", { symbol, venue }, ({ rows }) =>
        tell((before) => ({ key, rows: [...(before.key === key ? before.rows : []), ...rows.filter(isWhale)].slice(-MOST) })),
      ),
    [key],
  );
  const asked = useReading("whales", { ...of, fields: FIELDS, limit: MOST }, { every: live.state.value === "live" ? 30_000 : 5_000 });
  const rows = useMemo(() => merged(told.key === key ? told.rows : [], asked.data ? rowsOf<WhaleRow>(asked.data) : []), [told, asked.data, key]);
  const quote = symbol.split(":")[0]?.split("/")[1] ?? "";
  return (
    <Panel span={12} title="Whales" note="large orders and trades, newest first, UTC; what is suspected cannot be proven from depth">
      <Loaded of={asked} rows={6} isEmpty={() => rows.length === 0} emptyTitle="Nothing large yet" empty="An order is large beside what is usual for this symbol; that is learnt in the first minutes.">
        {() => <DataTable label="Whale activity" columns={columnsOf(quote)} rows={rows} rowKey={keyOf} height="20rem" />}
      </Loaded>
    </Panel>
  );
}

function isWhale(row: Row): row is Row & WhaleRow {
  return typeof row["ts"] === "string" && typeof row["kind"] === "string" && typeof row["price"] === "number";
}

function columnsOf(quote: string): readonly Column<WhaleRow>[] {
  return [
    { key: "ts", title: "Time", unit: "UTC", width: 6, render: (row) => <Time value={row.ts} /> },
    { key: "kind", title: "What", width: 10, render: (row) => <Badge tone={toneOf(row.kind)}>{title(row.kind)}</Badge> },
    {
      key: "side",
      title: "Side",
      about: "Where it rests; of a large trade, the taker's",
      width: 5,
      render: (row) => <span class={row.side === "bid" ? "up" : "down"}>{row.side === "bid" ? "▲ bid" : "▼ ask"}</span>,
    },
    { key: "price", title: "Price", unit: quote, align: "right", width: 7, sort: (row) => row.price, render: (row) => <Price value={row.price} unit={quote} at={row.ts} /> },
    { key: "size", title: "Size", align: "right", width: 6, sort: (row) => row.size, render: (row) => <Quantity value={row.size} of="Size" at={row.ts} /> },
    {
      key: "worth",
      title: "Worth",
      unit: "USD",
      align: "right",
      width: 6,
      sort: (row) => row.notional_usd,
      render: (row) => <Quantity value={row.notional_usd} unit="USD" of="Worth" at={row.ts} />,
    },
    { key: "away", title: "From mid", unit: "bp", align: "right", width: 6, sort: (row) => row.distance_bps, render: (row) => <Figure value={row.distance_bps} unit="bp" digits={3} at={row.ts} /> },
    { key: "cause", title: "Why", width: 8, render: (row) => words(row.cause || null) },
  ];
}
