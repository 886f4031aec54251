import { rowsOf, type Columns } from "../../api/client";
import { useReading, type Resource } from "../../api/reading";
import { now } from "../../ui/clock";
import * as format from "../../ui/format";
import { Badge, BigFigure, Figures, Panel, TrustMark } from "../../ui/parts";
import { hrefOf } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { DataTable, type Column } from "../../ui/table";
import { Age } from "../../ui/values";
import { SymbolName } from "../market/columns";
import { keyOf, trustOf, type Overview } from "../market/rows";
import { FRAMES, bySymbol, overdue, toneOf, type Latest } from "./judging";

interface Properties {
  readonly overview: Resource<Columns>;
  readonly platform: Resource<Columns>;
}

export function HealthFigures({ overview, platform }: Properties) {
  const rows = overview.data ? rowsOf<Overview>(overview.data) : null;
  const tones = rows?.map((row) => trustOf(row, now.value).tone) ?? [];
  const count = (tone: string) => tones.filter((each) => each === tone).length;
  const books = rows?.filter((row) => row.book_state !== null) ?? [];
  const gaps = rows?.reduce((sum, row) => sum + row.open_gaps, 0) ?? 0;
  const minutes = rows?.reduce((sum, row) => sum + row.missing_minutes, 0) ?? 0;
  return (
    <Panel title="At a glance" padded>
      <Figures>
        <BigFigure name="Symbols that can be relied on" unit={`of ${rows?.length ?? format.UNKNOWN}`}>
          {rows ? (
            <a href={hrefOf("market")}>
              <TrustMark tone={count("bad") ? "bad" : count("warn") ? "warn" : "good"} title={`${count("good")} well, ${count("warn")} with a remark, ${count("bad")} bad`} /> {count("good")}
            </a>
          ) : (
            format.UNKNOWN
          )}
        </BigFigure>
        <BigFigure name="Open gaps" unit={gaps ? `${format.count(minutes)} minutes` : ""}>
          {rows ? <TrustMark tone={gaps ? "warn" : "good"} title={gaps ? "Being repaired, or waiting to be" : "No minute is missing without a reason"} /> : null} {rows ? format.count(gaps) : format.UNKNOWN}
        </BigFigure>
        <BigFigure name="Order books proven" unit={`of ${books.length}`}>
          {rows ? format.count(books.filter((row) => row.book_trusted).length) : format.UNKNOWN}
        </BigFigure>
        <BigFigure name="Worst quality of a day" unit="of 100">
          {rows?.some((row) => row.quality !== null) ? format.price(Math.min(...rows.map((row) => row.quality ?? 100)), 3) : format.UNKNOWN}
        </BigFigure>
        <BigFigure name="Open alerts of the platform">{platform.data ? format.count(platform.data.rows) : format.UNKNOWN}</BigFigure>
      </Figures>
    </Panel>
  );
}

interface PlatformAlert {
  readonly kind: string;
  readonly subject: string;
  readonly severity: string;
  readonly title: string;
  readonly raised_at: string;
  readonly seen_at: string;
}

export function PlatformAlerts({ of }: { readonly of: Resource<Columns> }) {
  return (
    <Panel title="What is wrong with the platform now" span={4}>
      <Loaded of={of} rows={3} emptyTitle="Nothing is wrong" empty="Failed runs, silent streams, full disks and the like would stand here.">
        {(answer) => (
          <ul class="list">
            {rowsOf<PlatformAlert>(answer).map((row) => (
              <li key={`${row.kind} ${row.subject} ${row.raised_at}`}>
                <Badge tone={row.severity === "critical" ? "bad" : row.severity === "warning" ? "warn" : "none"}>{row.severity}</Badge>
                <span class="grow">{row.title}</span>
                <span class="dim">
                  <Age value={row.raised_at} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </Loaded>
    </Panel>
  );
}

export function FreshnessMatrix() {
  const latest = useReading("candles/latest", { fields: "venue,symbol,timeframe,ts,received_at", limit: 20_000 }, { every: 15_000 });
  return (
    <Panel title="Newest bar of each symbol and timeframe" note="time since it closed; forming: not closed yet" span={8}>
      <Loaded of={latest} rows={8} emptyTitle="There are no candles yet" empty="alphapulse symbols add BTC/USDT tracks a symbol; its candles come within minutes.">
        {(answer) => <Matrix rows={rowsOf<Latest>(answer)} />}
      </Loaded>
    </Panel>
  );
}

interface MatrixRow {
  readonly venue: string;
  readonly symbol: string;
  readonly frames: ReadonlyMap<string, Latest>;
}

function Matrix({ rows }: { readonly rows: readonly Latest[] }) {
  const table: MatrixRow[] = [...bySymbol(rows)].map(([key, frames]) => {
    const [venue = "", symbol = ""] = key.split(" ");
    return { venue, symbol, frames };
  });
  const columns: Column<MatrixRow>[] = [
    { key: "symbol", title: "Symbol", width: 12.5, narrowWidth: 8.75, pinned: true, sort: (row) => row.symbol, render: (row) => <SymbolName {...row} kind={null} /> },
    ...FRAMES.map((frame) => ({
      key: frame,
      title: frame,
      width: 5.25,
      sort: (row: MatrixRow) => {
        const at = row.frames.get(frame);
        return at ? overdue(at, now.value) : null;
      },
      render: (row: MatrixRow) => <Fresh of={row.frames.get(frame)} />,
    })),
  ];
  return <DataTable label="Freshness" columns={columns} rows={table} rowKey={keyOf} initialSort={{ key: "1m", descending: true }} height="26rem" />;
}

function Fresh({ of }: { readonly of: Latest | undefined }) {
  if (!of) return <span class="dim" title="no bar">{format.UNKNOWN}</span>;
  const late = overdue(of, now.value);
  const tone = toneOf(of, now.value);
  const text = late < 0 ? "forming" : format.duration(late).split(" ").slice(0, 2).join(" ");
  return (
    <span class={`fresh ${tone}`} title={`Bar of ${format.fullTime(of.ts)}, reached us ${format.fullTime(of.received_at)}`}>
      {tone === "good" ? null : <TrustMark tone={tone} title={tone === "warn" ? "late" : "stopped"} />}
      {text}
    </span>
  );
}

interface Source {
  readonly dataset: string;
  readonly source: string;
  readonly state: string;
  readonly serves: boolean;
  readonly why: string | null;
  readonly answered_at: string | null;
  readonly rows: number | null;
  readonly latency_ms: number | null;
  readonly failures: number | null;
}

const right = { align: "right" as const };
const SOURCES: readonly Column<Source>[] = [
  { key: "dataset", title: "Data set", width: 13, narrowWidth: 9, pinned: true, sort: (row) => row.dataset, render: (row) => format.title(row.dataset) },
  { key: "source", title: "Source", width: 9, sort: (row) => row.source, render: (row) => row.source },
  {
    key: "state", title: "State", width: 9, sort: (row) => row.state,
    render: (row) => <Badge tone={row.state === "answers" ? "good" : row.state === "off" || row.state === "waiting" ? "none" : "bad"}>{row.serves ? "serves" : row.state}</Badge>,
  },
  { key: "answered", title: "Answered", width: 7, sort: (row) => (row.answered_at ? Date.parse(row.answered_at) : null), render: (row) => <Age value={row.answered_at} /> },
  { ...right, key: "rows", title: "Rows", width: 5, sort: (row) => row.rows, render: (row) => format.count(row.rows) },
  { ...right, key: "latency", title: "Took", unit: "ms", width: 5, sort: (row) => row.latency_ms, render: (row) => format.count(row.latency_ms) },
  { ...right, key: "failures", title: "Failures", unit: "in a row", width: 7, sort: (row) => row.failures, render: (row) => format.count(row.failures) },
  { key: "why", title: "Why not", width: 18, render: (row) => <span title={row.why ?? ""}>{row.why ?? ""}</span> },
];

export function Sources() {
  const sources = useReading("sources", {}, { every: 30_000 });
  return (
    <Panel title="Sources of what is collected" note="of several sources the first that answers serves">
      <Loaded of={sources} rows={8} emptyTitle="Nothing is collected yet" empty="The sensor collection_supervisor keeps the poller that collects.">
        {(answer) => <DataTable label="Sources" columns={SOURCES} rows={rowsOf<Source>(answer)} rowKey={(row) => `${row.dataset} ${row.source}`} initialSort={{ key: "dataset", descending: false }} height="calc(100dvh - 14rem)" />}
      </Loaded>
    </Panel>
  );
}
