import { useMemo } from "preact/hooks";
import type { Columns } from "../../api/client";
import { useReading } from "../../api/reading";
import "../../charts/charts.css";
import { HeatGrid } from "../../charts/heat_grid";
import { limitOf } from "../../charts/heat";
import { pointsOf, stretchFor, summed, thinned } from "../../charts/points";
import { TimeChart } from "../../charts/time_chart";
import { compact, duration, fullTime, percent, price } from "../../ui/format";
import { BigFigure, Figures, PageHead, Panel, Tabs } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { Price, Quantity, Time } from "../../ui/values";
import { now } from "../../ui/clock";
import { fundingGrid, RANGES, type RangeName } from "./model";
import { Options } from "./options";

const MINUTE = 60_000;

/** Futures and options: what is held, what it costs to hold it, and who had to let go. */
export function View() {
  const { parameters } = route.value;
  const futures = useReading("futures/now", { limit: 5_000 }, { every: 15_000 });
  const listed = futures.data === null ? [] : listOf(futures.data);
  const first = listed[0];
  const symbol = parameters.get("contract") ?? first?.symbol ?? null;
  const venue = parameters.get("venue") ?? first?.venue ?? null;
  const range = RANGES.find((each) => each.name === parameters.get("range")) ?? RANGES[1];
  const chosen = listed.find((each) => each.symbol === symbol && each.venue === venue);
  return (
    <>
      <PageHead title="Derivatives" lead="Perpetuals and options: positions, what they cost, and who had to let go">
        <select
          class="select"
          aria-label="Contract and venue"
          value={`${venue} ${symbol}`}
          onChange={(event) => {
            const [to = "", contract = ""] = event.currentTarget.value.split(" ");
            setParameters({ venue: to, contract });
          }}
        >
          {chosen === undefined && symbol !== null ? <option value={`${venue} ${symbol}`}>{`${symbol} · ${venue}`}</option> : null}
          {listed.map((each) => (
            <option key={`${each.venue} ${each.symbol}`} value={`${each.venue} ${each.symbol}`}>
              {`${each.symbol} · ${each.venue}`}
            </option>
          ))}
        </select>
        <Tabs<RangeName> label="Range" tabs={RANGES} chosen={range.name} choose={(name) => setParameters({ range: name })} />
      </PageHead>
      <div class="grid">
        <Panel title={symbol ?? "Now"} span={12} note={venue ?? undefined} padded>
          <Loaded of={futures} rows={2} emptyTitle="No futures are followed" empty="Track a perpetual: alphapulse symbols add --venue binanceusdm BTC/USDT:USDT">
            {() => <Headline row={chosen ?? null} />}
          </Loaded>
        </Panel>
        {symbol === null || venue === null ? null : <Contract symbol={symbol} venue={venue} range={range} />}
        <FundingHeat now={futures.data} range={range.seconds} />
        <Options />
      </div>
    </>
  );
}

interface Listed {
  readonly symbol: string;
  readonly venue: string;
  readonly quote_value: number | null;
  readonly base_amount: number | null;
  readonly open_interest_at: string | null;
  readonly mark_price: number | null;
  readonly priced_at: string | null;
  readonly basis: number | null;
  readonly funding_rate: number | null;
  readonly rate_annualised: number | null;
  readonly next_funding_at: string | null;
  readonly interval_hours: number | null;
}

function listOf(answer: Columns): Listed[] {
  return Array.from({ length: answer.rows }, (_, row) =>
    Object.fromEntries(Object.entries(answer.columns).map(([name, values]) => [name, values[row]])),
  ) as unknown as Listed[];
}

function Headline({ row }: { readonly row: Listed | null }) {
  const [base = "", rest = ""] = (row?.symbol ?? "").split("/", 2);
  const quote = rest.split(":", 1)[0] ?? "";
  const until = row?.next_funding_at ? Date.parse(row.next_funding_at) - now.value : null;
  return (
    <Figures>
      <BigFigure name="Mark price" unit={quote}><Price value={row?.mark_price} unit={quote} of="Mark price" at={row?.priced_at} /></BigFigure>
      <BigFigure name="Basis over index" unit="bp"><span title={`Mark over index less 1, ${fullTime(row?.priced_at)}`}>{basisPoints(row?.basis)}</span></BigFigure>
      <BigFigure name="Open interest" unit={quote}><Quantity value={row?.quote_value} unit={quote} of="Open interest" at={row?.open_interest_at} /></BigFigure>
      <BigFigure name="In coins" unit={base}><Quantity value={row?.base_amount} unit={base} of="Open interest" at={row?.open_interest_at} /></BigFigure>
      <BigFigure name={`Next funding, ${row?.interval_hours ?? "?"} h (forecast)`}><span title={`${row?.funding_rate ?? "not known"} of the position, ${fullTime(row?.priced_at)}`}>{percent(row?.funding_rate, 4)}</span></BigFigure>
      <BigFigure name="The same a year"><span title="Not compounded">{percent(row?.rate_annualised, 1)}</span></BigFigure>
      <BigFigure name="Settled in">{until === null ? "not known" : duration(until)}</BigFigure>
      <BigFigure name="As of (UTC)"><Time value={row?.priced_at} /></BigFigure>
    </Figures>
  );
}

function basisPoints(value: number | null | undefined): string {
  return typeof value === "number" ? `${value >= 0 ? "+" : "−"}${Math.abs(value * 1e4).toFixed(1)}` : "not known";
}

/** A start that changes once a minute: a question that changes each render would never be answered. */
function useStart(seconds: number): string {
  const minute = Math.floor(now.value / MINUTE / 5) * 5;
  return useMemo(() => new Date(minute * MINUTE - seconds * 1_000).toISOString().slice(0, 19) + "Z", [minute, seconds]);
}

interface ContractProps {
  readonly symbol: string;
  readonly venue: string;
  readonly range: (typeof RANGES)[number];
}

function Contract({ symbol, venue, range }: ContractProps) {
  const start = useStart(range.seconds);
  const of = { symbol, venue, start };
  const step = stretchFor(range.seconds);
  const interest = useReading("futures/open-interest", { ...of, fields: "ts,quote_value", limit: 20_000 }, { every: MINUTE });
  const candles = useReading("candles", { ...of, timeframe: range.timeframe, fields: "ts,close", limit: 5_000 }, { every: MINUTE });
  const ratios = useReading("futures/long-short", { ...of, fields: "ts,kind,ratio", limit: 10_000 }, { every: MINUTE });
  const taker = useReading("futures/taker-flow", { ...of, fields: "ts,buy_volume,sell_volume", limit: 10_000 }, { every: MINUTE });
  const liquidated = useReading("futures/liquidations/minutes", { ...of, fields: "ts,long_notional,short_notional", limit: 20_000 }, { every: MINUTE });
  const marks = useReading("futures/mark-prices", { ...of, fields: "ts,basis", limit: 20_000 }, { every: MINUTE });
  const [base = "", rest = ""] = symbol.split("/", 2);
  const quote = rest.split(":", 1)[0] ?? "";
  return (
    <>
      <Panel title="Open interest with price" span={8} note={`open interest (left) and price (right), ${quote}`}>
        <Loaded of={interest} rows={7} emptyTitle="No open interest in this range">
          {(data) => (
            <TimeChart
              label={`Open interest and price of ${symbol}`}
              height={260}
              series={[
                { id: "interest", title: "Open interest", unit: quote, points: thinned(pointsOf(data, "quote_value"), step), axis: "left", tone: "accent", show: compact },
                { id: "price", title: "Price", unit: quote, points: candles.data === null ? [] : pointsOf(candles.data, "close"), tone: "neutral", show: (value) => price(value) },
              ]}
            />
          )}
        </Loaded>
      </Panel>
      <Panel title="Long over short" span={4} note="1: as many long as short">
        <Loaded of={ratios} rows={7} emptyTitle="This venue told no ratios in this range">
          {(data) => <Ratios data={data} />}
        </Loaded>
      </Panel>
      <Panel title="Taker flow" span={4} note={`bought less sold by takers, ${base}`}>
        <Loaded of={taker} rows={5} emptyTitle="This venue told no taker flow in this range">
          {(data) => <TakerFlow data={data} step={step} unit={base} />}
        </Loaded>
      </Panel>
      <Panel title="Liquidations" span={4} note={`by side of the position, ${quote}`}>
        <Loaded of={liquidated} rows={5} emptyTitle="No liquidation was told in this range" empty="Whether anybody listened: see Data health.">
          {(data) => <Liquidations data={data} step={step} unit={quote} />}
        </Loaded>
      </Panel>
      <Panel title="Basis" span={4} note="mark over index, basis points">
        <Loaded of={marks} rows={5} emptyTitle="No index price in this range">
          {(data) => (
            <TimeChart
              label="Basis"
              height={200}
              levels={[0]}
              series={[
                {
                  id: "basis",
                  title: "Basis",
                  unit: "bp",
                  points: thinned(pointsOf(data, "basis"), step).map((each) => ({ time: each.time, value: each.value === null ? null : each.value * 1e4 })),
                  show: (value) => value.toFixed(1).replace("-", "−"),
                },
              ]}
            />
          )}
        </Loaded>
      </Panel>
    </>
  );
}

const KINDS = [
  ["accounts", "All accounts", "accent"],
  ["top_accounts", "Top accounts", "good"],
  ["top_positions", "Top positions", "warn"],
] as const;

function Ratios({ data }: { readonly data: Columns }) {
  const kinds = data.columns["kind"] ?? [];
  const series = KINDS.flatMap(([kind, title, tone]) => {
    const rows = kinds.flatMap((each, row) => (each === kind ? [row] : []));
    if (rows.length === 0) return [];
    const columns = { ts: rows.map((row) => data.columns["ts"]?.[row]), ratio: rows.map((row) => data.columns["ratio"]?.[row]) };
    return [{ id: kind, title, unit: "", points: pointsOf({ columns, rows: rows.length, next: null }, "ratio"), tone, show: (value: number) => value.toFixed(3) }];
  });
  return <TimeChart label="Long over short" height={242} levels={[1]} series={series} />;
}

function TakerFlow({ data, step, unit }: { readonly data: Columns; readonly step: number; readonly unit: string }) {
  const bought = pointsOf(data, "buy_volume");
  const sold = new Map(pointsOf(data, "sell_volume").map((each) => [each.time, each.value]));
  const net = bought.map(({ time, value }) => {
    const other = sold.get(time) ?? null;
    return { time, value: value === null || other === null ? null : value - other };
  });
  return (
    <TimeChart
      label="Taker flow"
      height={200}
      series={[{ id: "net", title: "Bought less sold", unit, points: summed(net, step), form: "columns", signed: true, tone: "up", show: (value) => compact(value) }]}
    />
  );
}

function Liquidations({ data, step, unit }: { readonly data: Columns; readonly step: number; readonly unit: string }) {
  const longs = summed(pointsOf(data, "long_notional"), step).map(({ time, value }) => ({ time, value: value === null ? null : -value }));
  const shorts = summed(pointsOf(data, "short_notional"), step);
  return (
    <TimeChart
      label="Liquidations"
      height={200}
      series={[
        { id: "longs", title: "Longs", unit, points: longs, form: "columns", tone: "down", show: (value) => compact(Math.abs(value)) },
        { id: "shorts", title: "Shorts", unit, points: shorts, form: "columns", tone: "up", show: (value) => compact(Math.abs(value)) },
      ]}
    />
  );
}

function FundingHeat({ now: futures, range }: { readonly now: Columns | null; readonly range: number }) {
  const start = useStart(Math.max(range, 7 * 86_400));
  const settled = useReading("futures/funding-rates", { start, limit: 20_000, fields: "ts,venue,symbol,rate,rate_annualised,interval_hours" }, { every: MINUTE });
  const grid = useMemo(() => (settled.data === null ? null : fundingGrid(settled.data, futures)), [settled.data, futures]);
  const limit = grid === null ? 1 : limitOf(grid.cells.flat().flatMap((cell) => (cell === null ? [] : [cell.annualised])));
  return (
    <Panel title="Funding" span={12} note="% a year, not compounded; the last column of a row is the forecast of the next settlement">
      <Loaded of={settled} rows={4} emptyTitle="No funding was settled in this range">
        {() =>
          grid === null ? null : (
            <HeatGrid
              label="Funding by symbol and settlement"
              grid={grid}
              limit={limit}
              valueOf={(cell) => cell.annualised}
              columnTitle={(time) => new Date(time * 1_000).toISOString().slice(5, 16).replace("T", " ")}
              text={(cell) => `${cell.annualised >= 0 ? "+" : "−"}${Math.abs(cell.annualised * 100).toFixed(1)}${cell.forecast ? " ?" : ""}`}
              words={(row, time, cell) =>
                cell === null
                  ? [row, `${fullTime(time * 1_000)}: not known, or nothing was settled then`]
                  : [
                      row,
                      `${percent(cell.annualised, 2)} a year: ${percent(cell.rate, 4)} for ${Number.isNaN(cell.hours) ? "an unknown number of" : cell.hours} h`,
                      cell.annualised > 0 ? "Longs pay shorts" : cell.annualised < 0 ? "Shorts pay longs" : "Nobody pays",
                      `${cell.forecast ? "Forecast, settled" : "Settled"} ${fullTime(time * 1_000)}`,
                    ]
              }
              legend={[`−${(limit * 100).toFixed(0)} % a year: shorts pay`, "0", `+${(limit * 100).toFixed(0)} %: longs pay`]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
