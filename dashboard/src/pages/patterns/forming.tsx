import { rowsOf } from "../../api/client";
import { useReading } from "../../api/reading";
import { now } from "../../ui/clock";
import * as format from "../../ui/format";
import { Badge, Panel } from "../../ui/parts";
import { go } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { DataTable, type Column } from "../../ui/table";
import { Age, Percent, Price } from "../../ui/values";
import { SymbolName } from "../market/columns";

interface Open {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly ts: string;
  readonly pattern: string;
  readonly direction: string;
  readonly stage: string;
  readonly completion: number;
  readonly breakout_level: number | null;
  readonly target: number | null;
  readonly invalidation: number | null;
  readonly quality: number | null;
  readonly known_at: string;
  readonly pattern_id: number;
}

const LENGTHS = ["1m", "5m", "15m", "1h", "4h", "1d", "1w"];

export function Direction({ of }: { readonly of: string }) {
  if (of === "bullish") return <span class="up">▲ bullish</span>;
  if (of === "bearish") return <span class="down">▼ bearish</span>;
  return <span class="dim">◆ {of}</span>;
}

const right = { align: "right" as const };

const COLUMNS: readonly Column<Open>[] = [
  { key: "symbol", title: "Symbol", width: 13, narrowWidth: 8.75, pinned: true, sort: (row) => row.symbol, render: (row) => <SymbolName {...row} kind={null} /> },
  { key: "frame", title: "Bars", width: 4, sort: (row) => LENGTHS.indexOf(row.timeframe), render: (row) => row.timeframe },
  { key: "pattern", title: "Pattern", width: 13, sort: (row) => row.pattern, render: (row) => format.title(row.pattern) },
  { key: "direction", title: "Points", width: 6.5, sort: (row) => row.direction, render: (row) => <Direction of={row.direction} /> },
  {
    key: "stage", title: "Stage", width: 8, about: "forming: before its breakout; complete: broken out, on its way to the target",
    sort: (row) => row.completion,
    render: (row) => (row.stage === "complete" ? <Badge tone="accent">broken out</Badge> : <Completion value={row.completion} />),
  },
  { ...right, key: "breakout", title: "Breakout", unit: "quote", width: 7, render: (row) => <Price value={row.breakout_level} of="Breakout level" at={row.known_at} /> },
  { ...right, key: "target", title: "Target", unit: "quote", width: 7, render: (row) => <Price value={row.target} of="Target by its measured move" at={row.known_at} /> },
  { ...right, key: "wrong", title: "Invalid", unit: "quote", width: 7, about: "Price beyond which it is wrong", render: (row) => <Price value={row.invalidation} of="Invalidation" at={row.known_at} /> },
  { ...right, key: "quality", title: "Fit", unit: "%", width: 4.5, about: "How little of its definition's tolerances it uses", sort: (row) => row.quality, render: (row) => <Percent value={row.quality} of="Fit to its definition" at={row.known_at} /> },
  { ...right, key: "age", title: "Age", width: 5.5, about: "Since this was known", sort: (row) => -Date.parse(row.known_at), render: (row) => <Age value={row.known_at} /> },
];

function Completion({ value }: { readonly value: number }) {
  return (
    <span class="completion" title={`${format.number(value, 3)} % of the way to its breakout`}>
      <i style={{ width: `${Math.min(100, value)}%` }} />
      <span>{Math.round(value)} %</span>
    </span>
  );
}

export function Forming() {
  const open = useReading("patterns/chart/open", { limit: 2_000 }, { every: 15_000 });
  return (
    <Panel title="Chart patterns that have not ended" note="figures as they were known at the bar; click for the chart">
      <Loaded of={open} rows={8} emptyTitle="No chart pattern is open" empty="They form over dozens of bars: longer timeframes take days.">
        {(answer) => (
          <DataTable
            label="Open chart patterns"
            columns={COLUMNS}
            rows={rowsOf<Open>(answer)}
            rowKey={(row) => `${row.venue} ${row.symbol} ${row.timeframe} ${row.pattern_id}`}
            initialSort={{ key: "frame", descending: true }}
            open={(row) => go("chart", { symbol: row.symbol, venue: row.venue, timeframe: row.timeframe })}
            height="calc(100dvh - 15rem)"
          />
        )}
      </Loaded>
    </Panel>
  );
}

interface Fresh {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly ts: string;
  readonly known_at: string;
  readonly family: string;
  readonly pattern: string;
  readonly direction: string;
  readonly stage: string;
  readonly confidence: number | null;
  readonly coverage: number | null;
  readonly level: string | null;
}

const FRESH: readonly Column<Fresh>[] = [
  { key: "symbol", title: "Symbol", width: 13, narrowWidth: 8.75, pinned: true, sort: (row) => row.symbol, render: (row) => <SymbolName {...row} kind={null} /> },
  { key: "frame", title: "Bars", width: 4, sort: (row) => LENGTHS.indexOf(row.timeframe), render: (row) => row.timeframe },
  { key: "family", title: "Family", width: 7, sort: (row) => row.family, render: (row) => row.family },
  { key: "pattern", title: "Pattern", width: 14, sort: (row) => row.pattern, render: (row) => format.title(row.pattern) },
  { key: "direction", title: "Points", width: 7, sort: (row) => row.direction, render: (row) => <Direction of={row.direction} /> },
  {
    ...right, key: "confidence", title: "Confidence", unit: "0..100", width: 8, about: "Weighted mean of volume, trend, context, history and convergence",
    sort: (row) => row.confidence,
    render: (row) => <span title={`${row.level ?? "too little is known"}; ${format.share(row.coverage)} of the weights are known`}>{format.price(row.confidence, 3)}</span>,
  },
  { ...right, key: "coverage", title: "Known", unit: "%", width: 6, about: "Share of the weights whose factors are known", sort: (row) => row.coverage, render: (row) => <Percent value={row.coverage} /> },
  { ...right, key: "age", title: "Age", width: 6, sort: (row) => -Date.parse(row.known_at), render: (row) => <Age value={row.known_at} /> },
];

const HOURS = 6;

export function NewPatterns() {
  // a question changes with its hour, not with each second
  const start = new Date(Math.floor(now.value / 3_600_000) * 3_600_000 - HOURS * 3_600_000).toISOString();
  const fields = "venue,symbol,timeframe,ts,known_at,family,pattern,direction,stage,confidence,coverage,level";
  const fresh = useReading("patterns/confidence", { start, min_confidence: 50, limit: 2_000, fields, timeframe: "5m,15m,1h,4h,1d,1w" }, { every: 15_000 });
  return (
    <Panel title={`Patterns of the last ${HOURS} hours`} note="confidence from 50, bars of 5m and longer">
      <Loaded of={fresh} rows={8} emptyTitle="Nothing new" empty="No pattern of 5m bars or longer was surer than 50 in these hours.">
        {(answer) => (
          <DataTable
            label="New patterns"
            columns={FRESH}
            rows={rowsOf<Fresh>(answer)}
            rowKey={(row) => `${row.venue} ${row.symbol} ${row.timeframe} ${row.ts} ${row.family} ${row.pattern} ${row.direction} ${row.stage}`}
            initialSort={{ key: "age", descending: true }}
            open={(row) => go("chart", { symbol: row.symbol, venue: row.venue, timeframe: row.timeframe })}
            height="calc(100dvh - 15rem)"
          />
        )}
      </Loaded>
    </Panel>
  );
}
