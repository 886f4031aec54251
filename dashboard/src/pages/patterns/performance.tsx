/** What patterns were worth, each beside what the same pattern does on random walks. */
import { rowsOf } from "../../api/client";
import { useReading } from "../../api/reading";
import * as format from "../../ui/format";
import { Badge, Panel, Tabs } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { DataTable, type Column } from "../../ui/table";
import { Direction } from "./forming";
import { IntervalPlot } from "./interval_plot";

interface Performance {
  readonly timeframe: string;
  readonly family: string;
  readonly pattern: string;
  readonly direction: string;
  readonly regime: string;
  readonly horizon: number;
  readonly n: number;
  readonly clusters: number;
  readonly hit_rate: number | null;
  readonly hit_low: number | null;
  readonly hit_high: number | null;
  readonly mean_atr: number | null;
  readonly walk_rate: number | null;
  readonly walk_low: number | null;
  readonly walk_high: number | null;
  readonly verdict: string | null;
  readonly in_words: string | null;
  readonly as_of: string;
}

const FIELDS = "timeframe,family,pattern,direction,regime,horizon,n,clusters,hit_rate,hit_low,hit_high,mean_atr,walk_rate,walk_low,walk_high,verdict,in_words,as_of";
const FRAMES = ["1m", "5m", "15m", "1h", "4h", "1d"] as const;
const right = { align: "right" as const };

function verdictTone(verdict: string | null): "accent" | "warn" | "none" {
  return verdict === "above chance" ? "accent" : verdict === "below chance" ? "warn" : "none";
}

const COLUMNS: readonly Column<Performance>[] = [
  { key: "pattern", title: "Pattern", width: 13, narrowWidth: 9, pinned: true, sort: (row) => row.pattern, render: (row) => <span title={row.family}>{format.title(row.pattern)}</span> },
  { key: "direction", title: "Points", width: 7, sort: (row) => row.direction, render: (row) => <Direction of={row.direction} /> },
  { ...right, key: "n", title: "Seen", width: 5, about: "Outcomes known", sort: (row) => row.n, render: (row) => format.count(row.n) },
  { ...right, key: "clusters", title: "Clusters", width: 5.5, about: "Stretches of time they fell into: the independent observations", sort: (row) => row.clusters, render: (row) => format.count(row.clusters) },
  { ...right, key: "rate", title: "Right", unit: "%", width: 5, about: "Share with a return its way", sort: (row) => row.hit_rate, render: (row) => format.share(row.hit_rate) },
  { ...right, key: "walk", title: "Chance", unit: "%", width: 5.5, about: "The same on random walks as volatile as the market", sort: (row) => row.walk_rate, render: (row) => format.share(row.walk_rate) },
  {
    key: "plot", title: "20 to 80 % right", unit: "dot: pattern, band: chance", width: 17,
    about: "Dot and line: share that went its way, with its 95 % interval. Band: the same pattern on random walks.",
    render: (row) => <IntervalPlot rate={row.hit_rate} low={row.hit_low} high={row.hit_high} chance={row.walk_rate} chanceLow={row.walk_low} chanceHigh={row.walk_high} label={row.in_words ?? row.verdict ?? ""} />,
  },
  { ...right, key: "atr", title: "Mean", unit: "ATR", width: 5.5, about: "Mean return its way, in ATR", sort: (row) => row.mean_atr, render: (row) => (row.mean_atr === null ? format.UNKNOWN : row.mean_atr.toFixed(2).replace("-", "−")) },
  {
    key: "verdict", title: "Verdict", width: 11, sort: (row) => row.verdict,
    render: (row) => (
      <Badge tone={verdictTone(row.verdict)} {...(row.in_words ? { title: row.in_words } : {})}>
        {row.verdict ?? "not judged"}
      </Badge>
    ),
  },
];

export function PerformanceBesideChance() {
  const { parameters } = route.value;
  const timeframe = parameters.get("timeframe") ?? "1h";
  const horizon = parameters.get("horizon") ?? "10";
  const regime = parameters.get("regime") ?? "all";
  const asked = { timeframe, regime, fields: FIELDS, limit: 5_000 };
  const performance = useReading("patterns/performance", asked, { every: 300_000 });
  const rows = performance.data ? rowsOf<Performance>(performance.data) : [];
  const horizons = [...new Set(rows.map((row) => row.horizon))].sort((a, b) => a - b);
  const shown = horizons.includes(Number(horizon)) ? Number(horizon) : horizons[Math.floor(horizons.length / 2)];
  const above = rows.filter((row) => row.horizon === shown && row.verdict === "above chance").length;
  const all = rows.filter((row) => row.horizon === shown).length;
  return (
    <Panel
      title="Patterns beside chance"
      note={all ? `${above} of ${all} above chance; at 95 % one in twenty looks so by chance alone` : "all tracked symbols together"}
      actions={
        <>
          <Tabs label="Timeframe" tabs={FRAMES.map((name) => ({ name, title: name }))} chosen={timeframe as (typeof FRAMES)[number]} choose={(name) => setParameters({ timeframe: name })} />
          <select class="select" aria-label="Bars after the pattern" value={String(shown ?? "")} onChange={(event) => setParameters({ horizon: event.currentTarget.value })}>
            {horizons.map((each) => (
              <option key={each} value={String(each)}>
                after {each} bars
              </option>
            ))}
          </select>
          <select class="select" aria-label="Trend at the pattern" value={regime} onChange={(event) => setParameters({ regime: event.currentTarget.value })}>
            {["all", "up", "range", "down"].map((each) => (
              <option key={each} value={each}>
                {each === "all" ? "any trend" : `trend ${each}`}
              </option>
            ))}
          </select>
        </>
      }
      footer={rows[0] ? `Outcomes known until ${format.fullTime(rows[0].as_of)}. "Right" is a return the pattern's way after so many bars; no edge is claimed where the intervals overlap.` : undefined}
    >
      <Loaded of={performance} rows={10} emptyTitle="Nothing is judged yet" empty="What patterns were worth is told of whole days: it is made each night at 00:45 UTC, and after the first day.">
        {() => (
          <DataTable
            label="Performance of patterns"
            columns={COLUMNS}
            rows={rows.filter((row) => row.horizon === shown)}
            rowKey={(row) => `${row.family} ${row.pattern} ${row.direction} ${row.horizon} ${row.regime}`}
            initialSort={{ key: "clusters", descending: true }}
            height="calc(100dvh - 17rem)"
          />
        )}
      </Loaded>
    </Panel>
  );
}
