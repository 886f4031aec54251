import { useMemo, useState } from "preact/hooks";
import { rowsOf } from "../../api/client";
import { useReading } from "../../api/reading";
import { pointsOf } from "../../charts/points";
import { TimeChart } from "../../charts/time_chart";
import { now } from "../../ui/clock";
import { compact, fullTime, share, words } from "../../ui/format";
import { Badge, Panel, Tabs } from "../../ui/parts";
import { Loaded } from "../../ui/states";
import { Age, Time } from "../../ui/values";
import { dominanceOf, regimeRuns } from "./model";

const MINUTE = 60_000;
const DAY = 86_400_000;

function since(days: number): string {
  return `${new Date(Math.floor(now.value / DAY) * DAY - days * DAY).toISOString().slice(0, 19)}Z`;
}

/** Fear and greed: today's value and its past. */
export function FearGreed() {
  const index = useReading("fear-greed", { limit: 90 }, { every: 10 * MINUTE });
  return (
    <Panel title="Fear and greed" span={4} note="0 extreme fear to 100 extreme greed, by day; alternative.me">
      <Loaded of={index} rows={6} emptyTitle="It was not told yet">
        {(data) => {
          const points = pointsOf(data, "value");
          const value = data.columns["value"]?.[0];
          const known = data.columns["known_at"]?.[0] as string | undefined;
          return (
            <div class="fear">
              <div class="fear-now">
                <strong>{typeof value === "number" ? value : "not known"}</strong>
                <span>{words(String(data.columns["classification"]?.[0] ?? ""))}</span>
                <span class="dim">of {String(data.columns["ts"]?.[0]).slice(0, 10)}, known {known ? <Time value={known} /> : "–"}</span>
                <div class="fear-scale" role="img" aria-label={`${String(value)} of 100`}>
                  <i style={{ left: `${Math.max(0, Math.min(100, Number(value)))}%` }} />
                </div>
              </div>
              <TimeChart label="Fear and greed" height={130} levels={[25, 75]} series={[{ id: "fear", title: "Index", unit: "of 100", points, tone: "accent", show: (each) => each.toFixed(0) }]} />
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}

const ASSETS = [
  ["btc", "Bitcoin", "warn"],
  ["eth", "Ether", "accent"],
  ["stablecoin", "Stablecoins", "good"],
] as const;
const BASES = [
  { name: "market", title: "Whole market" },
  { name: "main_coins", title: "Ten large coins" },
] as const;

/** Shares of the market, and which way they go. */
export function Dominance() {
  const [chosen, choose] = useState<(typeof BASES)[number]["name"] | null>(null);
  const start = since(30);
  const both = useReading("market/dominance", { start, limit: 20_000, provider: "coingecko", fields: "ts,provider,basis,asset,dominance,regime" }, { every: 5 * MINUTE });
  const market = useMemo(() => both.data?.columns["basis"]?.includes("market") ?? false, [both.data]);
  const basis = chosen ?? (market ? "market" : "main_coins");
  const rows = useMemo(() => {
    if (both.data === null) return null;
    const places = (both.data.columns["basis"] ?? []).flatMap((each, row) => (each === basis ? [row] : []));
    const columns = Object.fromEntries(Object.entries(both.data.columns).map(([name, values]) => [name, places.map((row) => values[row])]));
    return { columns, rows: places.length, next: null };
  }, [both.data, basis]);
  return (
    <Panel
      title="Dominance"
      span={8}
      note="share of market value, per cent; CoinGecko"
      actions={<Tabs label="Basis" tabs={BASES} chosen={basis} choose={choose} />}
    >
      <Loaded of={both} rows={6} emptyTitle="No shares were told yet">
        {() =>
          rows === null || rows.rows === 0 ? (
            <div class="state"><strong>Not known on this basis yet</strong></div>
          ) : (
            <>
              <TimeChart
                label="Dominance"
                height={190}
                series={ASSETS.map(([asset, title, tone]) => ({
                  id: asset,
                  title,
                  unit: "%",
                  tone,
                  axis: asset === "btc" ? ("right" as const) : ("left" as const),
                  points: dominanceOf(rows, asset),
                  show: (value: number) => value.toFixed(2),
                }))}
              />
              <div class="regimes">
                {ASSETS.map(([asset, title]) => (
                  <Regimes key={asset} title={title} runs={regimeRuns(rows, asset)} />
                ))}
                <p class="dim">Bitcoin on the right axis, the others on the left. Regime: against 24 hours before; blue rises, orange falls, grey stands, empty is not known.</p>
              </div>
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Regimes({ title, runs }: { readonly title: string; readonly runs: ReturnType<typeof regimeRuns> }) {
  const [first, last] = [runs[0], runs[runs.length - 1]];
  if (first === undefined || last === undefined) return null;
  const whole = last.to - first.from;
  return (
    <div class="regime">
      <span>{title}</span>
      <svg viewBox={`0 0 ${whole} 10`} preserveAspectRatio="none" role="img" aria-label={`${title}: ${last.regime ?? "not known"} now`}>
        {runs.map((run) => (
          <rect key={run.from} class={run.regime ?? "unknown"} x={run.from - first.from} width={run.to - run.from} y="0" height="10">
            <title>{`${title} ${run.regime ?? "not known"}: ${fullTime(run.from * 1_000)} to ${fullTime(run.to * 1_000)}`}</title>
          </rect>
        ))}
      </svg>
      <b class={last.regime === "rising" ? "up" : last.regime === "falling" ? "down" : "dim"}>
        {last.regime === "rising" ? "▲ rising" : last.regime === "falling" ? "▼ falling" : (last.regime ?? "not known")}
      </b>
    </div>
  );
}

interface Metrics {
  readonly provider: string;
  readonly ts: string;
  readonly total_market_cap: number | null;
  readonly volume_24h: number | null;
  readonly btc_dominance: number | null;
  readonly eth_dominance: number | null;
  readonly stablecoin_market_cap: number | null;
  readonly defi_market_cap: number | null;
  readonly confidence_now: number | null;
  readonly stale: boolean;
}

const ROWS = [
  ["Market value, USD", (each: Metrics) => compact(each.total_market_cap)],
  ["Traded in 24 h, USD", (each: Metrics) => compact(each.volume_24h)],
  ["Bitcoin, %", (each: Metrics) => each.btc_dominance?.toFixed(2) ?? "–"],
  ["Ether, %", (each: Metrics) => each.eth_dominance?.toFixed(2) ?? "–"],
  ["Stablecoins, USD", (each: Metrics) => compact(each.stablecoin_market_cap)],
  ["DeFi, USD", (each: Metrics) => compact(each.defi_market_cap)],
  ["Confidence now", (each: Metrics) => share(each.confidence_now)],
] as const;

/** The market as a whole, as each provider tells it: they are never mixed. */
export function MarketMetrics() {
  const metrics = useReading("market/metrics/now", {}, { every: MINUTE });
  return (
    <Panel title="The whole market" span={4} note="each provider by itself">
      <Loaded of={metrics} rows={7} emptyTitle="No provider told of the market yet">
        {(data) => {
          const providers = rowsOf<Metrics>(data);
          return (
            <div class="table-scroll">
              <table class="table whole">
                <thead>
                  <tr>
                    <th />
                    {providers.map((each) => (
                      <th key={each.provider} class="number">{each.provider}</th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {ROWS.map(([title, shown]) => (
                    <tr key={title}>
                      <td>{title}</td>
                      {providers.map((each) => (
                        <td key={each.provider} class="number" title={fullTime(each.ts)}>{shown(each)}</td>
                      ))}
                    </tr>
                  ))}
                  <tr>
                    <td>Told</td>
                    {providers.map((each) => (
                      <td key={each.provider} class="number">
                        {each.stale ? <Badge tone="warn" title="Older than ten minutes">stale</Badge> : null} <Age value={each.ts} /> ago
                      </td>
                    ))}
                  </tr>
                </tbody>
              </table>
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}
