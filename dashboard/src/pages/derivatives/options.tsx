import { useState } from "preact/hooks";
import { useReading } from "../../api/reading";
import { pointsOf } from "../../charts/points";
import { TimeChart } from "../../charts/time_chart";
import { useWidth } from "../../charts/use_width";
import { fullTime, number, price, UNKNOWN } from "../../ui/format";
import { BigFigure, Figures, Panel, Tabs } from "../../ui/parts";
import { Loaded } from "../../ui/states";
import { Figure, Price, Quantity, Time } from "../../ui/values";
import { type Expiry, expiriesOf, strikesOf } from "./model";
import { StrikesChart } from "./strikes";

const FAMILIES = [
  { name: "BTC", title: "BTC" },
  { name: "ETH", title: "ETH" },
  { name: "SOL_USDC", title: "SOL" },
] as const;
type Family = (typeof FAMILIES)[number]["name"];
const MINUTE = 60_000;

const iv = (value: number) => `${value.toFixed(1)} %`;
const daysTo = (expiry: string, from: string) => (Date.parse(expiry) - Date.parse(from)) / 86_400_000;
const day = (expiry: string) => expiry.slice(0, 10);

/** Options of one coin: who waits where, what volatility costs, at what price most would expire worthless. */
export function Options() {
  const [family, choose] = useState<Family>("BTC");
  const [expiry, chooseExpiry] = useState<string | null>(null);
  const summary = useReading("options/summary/now", { currency: family }, { every: MINUTE });
  const strikes = useReading("options/open-interest", { currency: family, limit: 20_000 }, { every: 5 * MINUTE });
  const index = useReading("options/volatility-index", { currency: family.replace("_USDC", ""), limit: 720 }, { every: 5 * MINUTE });
  const found = summary.data === null ? null : expiriesOf(summary.data);
  const coin = family.replace("_USDC", "");
  const chosen = expiry === null ? null : (found?.each.find((each) => each.expiry === expiry) ?? null);
  const nearest = found?.each[0] ?? null;
  return (
    <>
      <Panel
        title="Options"
        span={12}
        note="Deribit; open interest in coins, volatility in per cent a year"
        actions={<Tabs label="Coin" tabs={FAMILIES} chosen={family} choose={(name) => (choose(name), chooseExpiry(null))} />}
        padded
      >
        <Loaded of={summary} rows={2} emptyTitle="No options were collected yet" empty="A snapshot comes every fifteen minutes.">
          {() => <Headline all={found?.all ?? null} nearest={nearest} coin={coin} />}
        </Loaded>
      </Panel>
      <Panel
        title="Open interest by strike"
        span={8}
        note={`${coin}, ${expiry === null ? "all expiries" : `expiry ${day(expiry)}`}`}
        actions={
          <select class="select" aria-label="Expiry" value={expiry ?? ""} onChange={(event) => chooseExpiry(event.currentTarget.value || null)}>
            <option value="">all expiries</option>
            {found?.each.map((each) => (
              <option key={each.expiry} value={each.expiry ?? ""}>
                {day(each.expiry ?? "")}
              </option>
            ))}
          </select>
        }
      >
        <Loaded of={strikes} rows={6} emptyTitle="No open interest by strike">
          {(data) => (
            <StrikesChart strikes={strikesOf(data, expiry)} price={found?.all?.price ?? null} maxPain={(chosen ?? nearest)?.max_pain ?? null} coin={coin} />
          )}
        </Loaded>
      </Panel>
      <Panel title="Term structure" span={4} note="volatility at the money by expiry, % a year">
        <Loaded of={summary} rows={6}>
          {() => <TermStructure expiries={found?.each ?? []} />}
        </Loaded>
      </Panel>
      <Panel title="Expiries" span={7}>
        <Loaded of={summary} rows={6}>
          {() => <Expiries expiries={found?.each ?? []} coin={coin} />}
        </Loaded>
      </Panel>
      <Panel title="Volatility index" span={5} note="what options say of the next 30 days, % a year">
        <Loaded of={index} rows={6} emptyTitle={`There is no volatility index of ${coin}`}>
          {(data) => (
            <TimeChart
              label="Volatility index"
              series={[{ id: "index", title: "Volatility index", unit: "a year", points: pointsOf(data, "close"), tone: "accent", show: iv }]}
            />
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function Headline({ all, nearest, coin }: { readonly all: Expiry | null; readonly nearest: Expiry | null; readonly coin: string }) {
  const at = all?.ts;
  return (
    <Figures>
      <BigFigure name="Price index" unit="USD"><Price value={all?.price} unit="USD" of="Price index" at={at} /></BigFigure>
      <BigFigure name={`Max pain ${nearest?.expiry ? day(nearest.expiry) : ""}`} unit="USD"><Price value={nearest?.max_pain} unit="USD" of="Max pain of the nearest expiry" at={at} /></BigFigure>
      <BigFigure name="Puts over calls, open interest"><Figure value={all?.put_call_open_interest} of="Open interest of puts over that of calls" at={at} digits={3} /></BigFigure>
      <BigFigure name="Open interest, calls + puts" unit={coin}><Quantity value={sum(all?.calls_open_interest, all?.puts_open_interest)} unit={coin} of="Open interest" at={at} /></BigFigure>
      <BigFigure name="Volatility at the money, 30 d" unit="% a year"><Figure value={all?.atm_iv} unit="% a year" of="Volatility at the money" at={at} digits={3} /></BigFigure>
      <BigFigure name="Skew 25Δ, 30 d" unit="points"><Figure value={all?.skew_25d} unit="points" of="Calls less puts" at={at} digits={3} /></BigFigure>
      <BigFigure name="Volatility index" unit="% a year"><Figure value={all?.volatility_index} unit="% a year" of="Volatility index" at={at} digits={4} /></BigFigure>
      <BigFigure name="As of (UTC)"><Time value={at ?? null} /></BigFigure>
    </Figures>
  );
}

function sum(a: number | null | undefined, b: number | null | undefined): number | null {
  return typeof a === "number" && typeof b === "number" ? a + b : null;
}

const LEFT = 38;
const HEIGHT = 250;

function TermStructure({ expiries }: { readonly expiries: readonly Expiry[] }) {
  const { place, width } = useWidth();
  const points = expiries.flatMap((each) =>
    each.expiry !== null && each.atm_iv !== null ? [{ expiry: each.expiry, days: daysTo(each.expiry, each.ts), value: each.atm_iv }] : [],
  );
  const values = points.map((point) => point.value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const pad = Math.max(0.5, (high - low) * 0.15);
  const across = (days: number) => LEFT + (Math.sqrt(days) / Math.sqrt(Math.max(...points.map((point) => point.days), 1))) * (width - LEFT - 14);
  const down = (value: number) => 12 + ((high + pad - value) / (high - low + 2 * pad)) * (HEIGHT - 40);
  return (
    <div class="strikes" ref={place}>
      {points.length === 0 ? <p class="dim">Not known for any expiry.</p> : (
        <svg height={HEIGHT} viewBox={`0 0 ${Math.max(1, width)} ${HEIGHT}`} role="img" aria-label="Volatility by expiry">
          {[low, (low + high) / 2, high].map((value) => (
            <g key={value}>
              <line class="axis" x1={LEFT} x2={width} y1={down(value)} y2={down(value)} stroke-opacity="0.4" />
              <text x={0} y={down(value) + 4}>{value.toFixed(1)} %</text>
            </g>
          ))}
          <polyline fill="none" stroke="var(--accent)" stroke-width="2" points={points.map((point) => `${across(point.days)},${down(point.value)}`).join(" ")} />
          {points.map((point) => (
            <circle key={point.expiry} cx={across(point.days)} cy={down(point.value)} r="4" fill="var(--panel)" stroke="var(--accent)" stroke-width="2">
              <title>{`${day(point.expiry)}, in ${Math.round(point.days)} days: ${point.value.toFixed(1)} % a year`}</title>
            </circle>
          ))}
          {[7, 30, 90, 180, 300].filter((days) => days <= (points[points.length - 1]?.days ?? 0)).map((days) => (
            <text key={days} x={across(days)} y={HEIGHT - 6} text-anchor="middle">{days} d</text>
          ))}
        </svg>
      )}
    </div>
  );
}

function Expiries({ expiries, coin }: { readonly expiries: readonly Expiry[]; readonly coin: string }) {
  return (
    <div class="table-scroll">
      <table class="table">
        <thead>
          <tr>
            <th>Expiry</th>
            <th class="number">Calls, {coin}</th>
            <th class="number">Puts, {coin}</th>
            <th class="number">Puts/calls</th>
            <th class="number">Max pain, USD</th>
            <th class="number">Volatility, %</th>
            <th class="number">Skew, points</th>
          </tr>
        </thead>
        <tbody>
          {expiries.map((each) => (
            <tr key={each.expiry} title={`As of ${fullTime(each.ts)}`}>
              <td>{day(each.expiry ?? "")}</td>
              <td class="number">{shown(each.calls_open_interest)}</td>
              <td class="number">{shown(each.puts_open_interest)}</td>
              <td class="number">{shown(each.put_call_open_interest, 3)}</td>
              <td class="number">{price(each.max_pain)}</td>
              <td class="number">{each.atm_iv === null ? UNKNOWN : each.atm_iv.toFixed(1)}</td>
              <td class="number">{each.skew_25d === null ? UNKNOWN : each.skew_25d.toFixed(2).replace("-", "−")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function shown(value: number | null, digits = 5): string {
  return number(value, digits);
}
