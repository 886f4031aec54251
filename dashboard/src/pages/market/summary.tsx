/** The market in one line: breadth, regime, dominance, fear and greed. */
import type { Columns } from "../../api/client";
import { rowsOf } from "../../api/client";
import { useReading, type Resource } from "../../api/reading";
import { UNKNOWN, age, count, fullTime, share, words } from "../../ui/format";
import { now } from "../../ui/clock";
import { breadth, type Overview } from "./rows";

const MINUTE = 60_000;

function first(of: Resource<Columns>): Record<string, unknown> | null {
  return of.data && of.data.rows > 0 ? (rowsOf<Record<string, unknown>>(of.data)[0] ?? null) : null;
}

function numberOf(row: Record<string, unknown> | null, name: string): number | null {
  const value = row?.[name];
  return typeof value === "number" ? value : null;
}

export function Summary({ rows }: { readonly rows: readonly Overview[] }) {
  const regime = first(useReading("market/regime/now", { timeframe: "1h" }, { every: MINUTE }));
  const metrics = first(useReading("market/metrics/now", { limit: 1 }, { every: MINUTE }));
  const fear = first(useReading("fear-greed", { limit: 1 }, { every: 10 * MINUTE }));
  const { up, down, flat } = breadth(rows);
  const dominance = numberOf(metrics, "btc_dominance");
  return (
    <div class="summary">
      <Breadth up={up} down={down} flat={flat} />
      <Item name="Market trend" detail={regime ? `1 h bars, ${share(numberOf(regime, "trend_share"))} of the weight; ${fullTime(String(regime["known_at"]))}` : "no regime yet"}>
        {regime ? words(String(regime["trend"] ?? "")) || UNKNOWN : UNKNOWN}
      </Item>
      <Item name="Volatility" detail={regime ? `1 h bars, ${share(numberOf(regime, "volatility_share"))} of the weight` : "no regime yet"}>
        {regime?.["volatility"] ? String(regime["volatility"]) : UNKNOWN}
      </Item>
      <Item name="BTC dominance" detail={metrics ? `${String(metrics["provider"])}, ${fullTime(String(metrics["ts"]))}` : "not collected yet"}>
        {dominance === null ? UNKNOWN : `${dominance.toFixed(1)} %`}
      </Item>
      <Item name="Fear and greed" detail={fear ? `${String(fear["provider"])}, ${age(String(fear["known_at"] ?? fear["ts"]), now.value)} old` : "not collected yet"}>
        {numberOf(fear, "value") === null ? UNKNOWN : `${count(numberOf(fear, "value"))}`}
        {numberOf(fear, "value") === null ? null : <span class="unit"> of 100</span>}
      </Item>
    </div>
  );
}

function Breadth({ up, down, flat }: { readonly up: number; readonly down: number; readonly flat: number }) {
  const all = up + down + flat || 1;
  return (
    <div class="item breadth" title={`Of symbols with a known change in 24 hours: ${up} up, ${down} down, ${flat} unchanged`}>
      <span class="name">Breadth, 24 h</span>
      <span class="value">
        <span class="up">▲ {up}</span> <span class="down">▼ {down}</span>
      </span>
      <span class="bar" aria-hidden="true">
        <i style={{ width: `${(100 * up) / all}%`, background: "var(--up)" }} />
        <i style={{ width: `${(100 * down) / all}%`, background: "var(--down)" }} />
      </span>
    </div>
  );
}

function Item({ name, detail, children }: { readonly name: string; readonly detail: string; readonly children: preact.ComponentChildren }) {
  return (
    <div class="item" title={`${name}: ${detail}`}>
      <span class="name">{name}</span>
      <span class="value">{children}</span>
    </div>
  );
}
