/** What became of signals: each of them, groups of them beside chance, and the account that takes all. */
import { rowsOf, type Columns } from "../../api/client";
import { useNamed } from "../../api/named";
import "../../charts/charts.css";
import { pointsOf } from "../../charts/points";
import { TimeChart } from "../../charts/time_chart";
import * as format from "../../ui/format";
import { Known } from "../../ui/known";
import { OnePicture, signalId } from "../../ui/one_picture";
import { Badge, Panel } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { DataTable, type Column } from "../../ui/table";
import { Age, Price } from "../../ui/values";
import { SymbolName } from "../market/columns";
import { sideOf } from "../patterns/reasons";
import { NetPlot } from "./net_plot";
import { type Became, GROUPS, type Group, stateTone, stateWords } from "./outcomes";

const right = { align: "right" as const };

const COLUMNS: readonly Column<Became>[] = [
  { key: "symbol", title: "Symbol", width: 12, narrowWidth: 8.75, pinned: true, sort: (row) => row.symbol, render: (row) => <SymbolName {...row} kind={null} /> },
  { key: "frame", title: "Bars", width: 4, render: (row) => row.timeframe },
  {
    key: "signal", title: "Signal", width: 8, sort: (row) => row.signal,
    render: (row) => <span class={sideOf(row.signal)}>{sideOf(row.signal) === "up" ? "▲" : "▼"} {format.words(row.signal)}</span>,
  },
  { key: "state", title: "State", width: 8, sort: (row) => row.state, render: (row) => <Badge tone={stateTone(row.state)} title={row.remark ?? stateWords(row.state)}>{format.words(row.state)}</Badge> },
  { ...right, key: "net", title: "After costs", unit: "%", width: 7, about: "Return its way after fees and slippage, from the next bar's open", sort: (row) => row.net_pct, render: (row) => signed(row.net_pct) },
  { ...right, key: "r", title: "In risk", unit: "R", width: 5.5, about: "The same in units of what was risked", sort: (row) => row.net_r, render: (row) => signed(row.net_r) },
  { ...right, key: "bars", title: "Held", unit: "bars", width: 5, sort: (row) => row.bars, render: (row) => format.count(row.bars) },
  { ...right, key: "entry", title: "Entry", unit: "quote", width: 7, render: (row) => <Price value={row.entry} of="Entry: open of the next bar" {...(row.entry_at ? { at: row.entry_at } : {})} /> },
  { ...right, key: "exit", title: "Exit", unit: "quote", width: 7, render: (row) => <Price value={row.exit} of="Exit" {...(row.closed_at ? { at: row.closed_at } : {})} /> },
  { key: "trigger", title: "By", width: 9, render: (row) => format.words(row.trigger) },
  { ...right, key: "age", title: "Told", width: 7, sort: (row) => -Date.parse(row.told_at), render: (row) => <Age value={row.told_at} /> },
];

function signed(value: number | null): string {
  return value === null ? format.UNKNOWN : `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(2)}`;
}

export function SignalsBecame() {
  return (
    <div class="stack">
      <Chosen />
      <Performance />
      <Equity />
      <Each />
    </div>
  );
}

/** The picture of the signal that the address names. */
function Chosen() {
  const id = route.value.parameters.get("id");
  if (id === null) return null;
  return (
    <Panel
      title={id}
      note="as it was planned, and what became of it"
      actions={
        <button type="button" class="button quiet" onClick={() => setParameters({ id: null })}>
          Close
        </button>
      }
    >
      <OnePicture what="signal" id={id} />
    </Panel>
  );
}

function Performance() {
  const asked = route.value.parameters.get("by");
  const by = GROUPS.find((each) => each === asked) ?? "all";
  const named = useNamed("signal_performance", { grouped_by: by, limit: 500 }, { every: 60_000 });
  const rows = named.resource.data ? rowsOf<Group>(named.resource.data) : [];
  const above = rows.filter((row) => row.verdict === "above chance").length;
  return (
    <Panel
      title="Signals beside chance"
      note={rows[0] ? `${above} of ${rows.length} above chance; known until ${format.fullTime(rows[0].as_of)}` : "after costs, all tracked symbols"}
      actions={
        <select class="select" aria-label="Put together by" value={by} onChange={(event) => setParameters({ by: event.currentTarget.value })}>
          {GROUPS.map((each) => (
            <option key={each} value={each}>
              {each === "all" ? "all together" : `by ${each}`}
            </option>
          ))}
        </select>
      }
      footer="Dot and line: mean return after costs with its 95 % interval. Band: signals on random walks. Bracket: as many random entries in the same symbols. Above chance is a gain only where the whole line is above 0."
    >
      <Known of={named} rows={4} emptyTitle="Nothing is measured yet" empty="What signals were worth is told of whole days, after the first day.">
        {() => (
          <DataTable
            label="How signals did"
            columns={GROUPED}
            rows={rows}
            rowKey={(row) => `${row.grouped_by} ${row.value}`}
            initialSort={{ key: "clusters", descending: true }}
            height="min(26rem, 50dvh)"
          />
        )}
      </Known>
    </Panel>
  );
}

const GROUPED: readonly Column<Group>[] = [
  { key: "value", title: "Which", width: 9, narrowWidth: 8, pinned: true, sort: (row) => row.value, render: (row) => format.words(row.value) },
  { ...right, key: "n", title: "Signals", width: 5.5, sort: (row) => row.n, render: (row) => format.count(row.n) },
  { ...right, key: "clusters", title: "Clusters", width: 6, about: "Stretches of time they fell into: the independent observations", sort: (row) => row.clusters, render: (row) => format.count(row.clusters) },
  { ...right, key: "target", title: "Target", unit: "%", width: 5, sort: (row) => row.target_share, render: (row) => format.share(row.target_share) },
  { ...right, key: "stopped", title: "Stopped", unit: "%", width: 5.5, sort: (row) => row.stopped_share, render: (row) => format.share(row.stopped_share) },
  { ...right, key: "net", title: "Mean", unit: "% net", width: 6, about: "Mean return after costs", sort: (row) => row.mean_net_pct, render: (row) => signed(row.mean_net_pct) },
  { key: "plot", title: "Beside chance", width: 14, about: "Line: mean after costs; band: random walks; bracket: random entries", render: (row) => <NetPlot of={row} /> },
  { ...right, key: "r", title: "Expects", unit: "R", width: 6, sort: (row) => row.expectancy_r, render: (row) => signed(row.expectancy_r) },
  { ...right, key: "pf", title: "Gains", unit: "per loss", width: 6.5, about: "Gains over losses", sort: (row) => row.profit_factor, render: (row) => format.number(row.profit_factor, 3) },
  {
    key: "verdict", title: "Verdict", width: 12, sort: (row) => row.verdict,
    render: (row) => (
      <Badge tone={row.verdict === "above chance" ? "accent" : row.verdict === "below chance" ? "warn" : "none"} {...(row.in_words ? { title: row.in_words } : {})}>
        {row.verdict ?? "not judged"}
      </Badge>
    ),
  },
];

function Equity() {
  const named = useNamed("signal_equity", { grouped_by: "all", limit: 2_000 }, { every: 60_000 });
  return (
    <Panel title="An account that takes every signal" note="at the next bar's open, at its own size, after costs; quote units">
      <Known of={named} rows={6} emptyTitle="No account yet" empty="It begins with the first day on which a signal was left.">
        {(answer) => <EquityChart of={answer} />}
      </Known>
    </Panel>
  );
}

function EquityChart({ of }: { readonly of: Columns }) {
  const series = [
    ["equity", "Signals", "accent", false],
    ["random_equity", "Random entries", "muted", false],
    ["random_low", "95 % of them, low", "muted", true],
    ["random_high", "95 % of them, high", "muted", true],
    ["hold_equity", "Holding", "neutral", true],
  ] as const;
  return (
    <TimeChart
      label="Account by day, beside random entries and holding"
      height={230}
      series={series.map(([id, title, tone, dashed]) => ({ id, title, unit: "quote", tone, dashed, points: pointsOf(of, id, "day"), show: (value: number) => format.price(value, 6) }))}
    />
  );
}

function show(id: string): void {
  setParameters({ id });
  document.querySelector("main")?.scrollTo({ top: 0 });
  scrollTo({ top: 0 });
}

function Each() {
  const { parameters } = route.value;
  const state = parameters.get("state") ?? "";
  const named = useNamed("signal_outcomes", { limit: 500, ...(state ? { state } : {}) }, { every: 15_000 });
  return (
      <Panel
        title="Every signal, newest first"
        note="click for its picture"
        actions={
          <select class="select" aria-label="State" value={state} onChange={(event) => setParameters({ state: event.currentTarget.value || null })}>
            <option value="">any state</option>
            {["open", "target", "stopped", "expired", "closed"].map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        }
      >
        <Known of={named} rows={8} emptyTitle="No signal yet" empty="A signal is followed from the open of the bar after it.">
          {(answer) => (
            <DataTable
              label="What became of each signal"
              columns={COLUMNS}
              rows={rowsOf<Became>(answer)}
              rowKey={(row) => `${row.venue} ${row.symbol} ${row.timeframe} ${row.ts}`}
              initialSort={{ key: "age", descending: true }}
              open={(row) => show(signalId(row))}
              height="calc(100dvh - 18rem)"
            />
          )}
        </Known>
      </Panel>
  );
}
