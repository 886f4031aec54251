import { rowsOf } from "../../api/client";
import { useReading } from "../../api/reading";
import { useWake } from "../../live/wake";
import * as format from "../../ui/format";
import { Panel, TrustMark } from "../../ui/parts";
import { go } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { DataTable, type Column } from "../../ui/table";
import { Age } from "../../ui/values";
import { SymbolName } from "../market/columns";

interface Run {
  readonly shard: string;
  readonly run_id: string;
  readonly alive: boolean;
  readonly symbols: number | null;
  readonly books: number | null;
  readonly synced: number | null;
  readonly rows_last_minute: number | null;
  readonly dropped_last_minute: number | null;
  readonly received_p99_ms: number | null;
  readonly queryable_p99_ms: number | null;
  readonly started_at: string;
  readonly heartbeat_at: string | null;
  readonly stopped_because: string | null;
  readonly host: string | null;
}

interface Book {
  readonly venue: string;
  readonly symbol: string;
  readonly state: string;
  readonly cause: string | null;
  readonly since: string;
  readonly last_update: string | null;
  readonly trusted: boolean | null;
  readonly worker_alive: boolean | null;
  readonly spread_bps: number | null;
  readonly messages: number | null;
  readonly gaps: number | null;
  readonly resyncs: number | null;
  readonly dropped: number | null;
}

const right = { align: "right" as const };

/** Runs of Dagster are linked where its address is known. */
function runColumns(dagster: string | null): Column<Run>[] {
  return [
    { key: "shard", title: "Shard", width: 6, pinned: true, sort: (row) => row.shard, render: (row) => row.shard },
    {
      key: "alive", title: "State", width: 7, sort: (row) => row.alive,
      render: (row) => <TrustMark tone={row.alive ? "good" : "bad"} label={row.alive ? "lives" : "gone"} title={row.alive ? "Not stopped, and a heartbeat within 30 s" : (row.stopped_because ?? "no heartbeat")} />,
    },
    { ...right, key: "symbols", title: "Symbols", width: 5.5, sort: (row) => row.symbols, render: (row) => format.count(row.symbols) },
    { ...right, key: "books", title: "Books", unit: "proven of", width: 8, render: (row) => `${format.count(row.synced)} of ${format.count(row.books)}` },
    { ...right, key: "rows", title: "Rows", unit: "last min", width: 7, sort: (row) => row.rows_last_minute, render: (row) => format.count(row.rows_last_minute) },
    { ...right, key: "dropped", title: "Dropped", unit: "last min", width: 7.5, sort: (row) => row.dropped_last_minute, render: (row) => format.count(row.dropped_last_minute) },
    { ...right, key: "received", title: "To us", unit: "p99 ms", width: 6.5, about: "Venue to us, 99th percentile of the last minute", sort: (row) => row.received_p99_ms, render: (row) => format.count(row.received_p99_ms) },
    { ...right, key: "queryable", title: "To readable", unit: "p99 ms", width: 8, about: "Receipt to readable, 99th percentile of the last minute", sort: (row) => row.queryable_p99_ms, render: (row) => format.count(row.queryable_p99_ms) },
    { key: "started", title: "Started", width: 6, sort: (row) => Date.parse(row.started_at), render: (row) => <Age value={row.started_at} /> },
    { key: "heartbeat", title: "Heartbeat", width: 6, render: (row) => <Age value={row.heartbeat_at} /> },
    {
      key: "run", title: "Run", width: 6,
      render: (row) =>
        dagster ? (
          <a class="link mono" href={`${dagster.replace(/\/$/, "")}/runs/${row.run_id}`} target="_blank" rel="noreferrer noopener">
            {row.run_id.slice(0, 8)}
          </a>
        ) : (
          <span class="mono">{row.run_id.slice(0, 8)}</span>
        ),
    },
  ];
}

const BOOKS: readonly Column<Book>[] = [
  { key: "symbol", title: "Symbol", width: 13, narrowWidth: 8.75, pinned: true, sort: (row) => row.symbol, render: (row) => <SymbolName {...row} kind={null} /> },
  {
    key: "trusted", title: "Trust", width: 9, sort: (row) => row.trusted,
    render: (row) => <TrustMark tone={row.trusted ? "good" : row.worker_alive ? "warn" : "bad"} label={row.trusted ? "proven" : row.worker_alive ? format.words(row.state) : "run gone"} title={row.trusted ? "Synced, and its run lives" : `${format.words(row.state)}: ${format.words(row.cause)}${row.worker_alive ? "" : "; its run is gone"}`} />,
  },
  { key: "cause", title: "Because", width: 10, sort: (row) => row.cause, render: (row) => format.words(row.cause) },
  { key: "since", title: "Since", width: 6, sort: (row) => Date.parse(row.since), render: (row) => <Age value={row.since} /> },
  { key: "update", title: "Update", width: 6, about: "Since the last update was applied", sort: (row) => (row.last_update ? Date.parse(row.last_update) : null), render: (row) => <Age value={row.last_update} /> },
  { ...right, key: "spread", title: "Spread", unit: "bp", width: 6, sort: (row) => row.spread_bps, render: (row) => format.price(row.spread_bps, 3) },
  { ...right, key: "messages", title: "Messages", width: 7, sort: (row) => row.messages, render: (row) => format.compact(row.messages) },
  { ...right, key: "gaps", title: "Breaks", width: 5, about: "Breaks noticed in this run", sort: (row) => row.gaps, render: (row) => format.count(row.gaps) },
  { ...right, key: "resyncs", title: "Resyncs", width: 5.5, sort: (row) => row.resyncs, render: (row) => format.count(row.resyncs) },
  { ...right, key: "dropped", title: "Dropped", width: 5.5, sort: (row) => row.dropped, render: (row) => format.count(row.dropped) },
];

export function Streams({ dagster }: { readonly dagster: string | null }) {
  const runs = useReading("streams/workers", { limit: 20 }, { every: 10_000 });
  const books = useReading("streams/books", {}, { every: 5_000 });
  useWake("status", {}, books);
  return (
    <div class="stack">
      <Panel title="Stream runs" note="newest first">
        <Loaded of={runs} rows={3} emptyTitle="No stream runs" empty="alphapulse up starts them; the sensor stream_supervisor keeps them alive.">
          {(answer) => <DataTable label="Stream runs" columns={runColumns(dagster)} rows={rowsOf<Run>(answer)} rowKey={(row) => row.run_id} initialSort={{ key: "alive", descending: true }} height="16rem" />}
        </Loaded>
      </Panel>
      <Panel title="Order books" note="proven: a snapshot and every update since">
        <Loaded of={books} rows={8} emptyTitle="No order book is kept" empty="Stream runs keep one of each tracked symbol.">
          {(answer) => (
            <DataTable
              label="Order books"
              columns={BOOKS}
              rows={rowsOf<Book>(answer)}
              rowKey={(row) => `${row.venue} ${row.symbol}`}
              initialSort={{ key: "trusted", descending: false }}
              open={(row) => go("book", { symbol: row.symbol, venue: row.venue })}
              height="32rem"
            />
          )}
        </Loaded>
      </Panel>
    </div>
  );
}

