import type { Column } from "../../ui/table";
import { Badge, TrustMark } from "../../ui/parts";
import { Sparkline } from "../../ui/sparkline";
import { Change, Figure, Price, Quantity } from "../../ui/values";
import * as format from "../../ui/format";
import { TONE_ORDER, ageOf, keyOf, trustOf, type Overview } from "./rows";
import { printRule, valuesOf, type Known, type Rule } from "./rules";

/** A row with what the screener knows of it. */
export interface MarketRow {
  readonly of: Overview;
  readonly known: Known;
  readonly closes: readonly (number | null)[];
}

export function SymbolName({ symbol, venue, kind }: { readonly symbol: string; readonly venue: string; readonly kind: string | null }) {
  const [pair = "", settle] = symbol.split(":");
  const [base, quote] = pair.split("/");
  return (
    <span class="symbol" title={`${symbol} at ${venue}`}>
      <strong>{base}</strong>
      <span class="dim">/{quote}</span>
      {settle || kind === "perpetual" ? <Badge title={`${kind ?? "contract"}, settled in ${settle ?? quote}`}>{kind === "future" ? "fut" : "perp"}</Badge> : null}
      <span class="venue">{venue}</span>
    </span>
  );
}

const number = { align: "right" as const };

export function columnsOf(now: number, rules: readonly Rule[]): Column<MarketRow>[] {
  return [
    { key: "symbol", title: "Symbol", width: 13, narrowWidth: 8.75, pinned: true, sort: (row) => row.of.symbol, render: ({ of }) => <SymbolName {...of} /> },
    {
      key: "trust", title: "Trust", width: 3.5, about: "Whether candles are fresh and whole, and the order book is proven",
      sort: (row) => TONE_ORDER[trustOf(row.of, now).tone],
      render: ({ of }) => {
        const trust = trustOf(of, now);
        return <TrustMark tone={trust.tone} title={trust.reasons.join("; ")} />;
      },
    },
    ...rules.filter(isShown).map(ruleColumn),
    {
      ...number, key: "price", title: "Last", unit: "quote", width: 6.5, about: "Price of the last trade, in units of the quote currency",
      sort: (row) => row.of.last_price,
      render: ({ of }) => <Price value={of.last_price} unit={of.quote} of="Last price" at={of.priced_at} />,
    },
    {
      ...number, key: "change", title: "24 h", unit: "%", width: 6, about: "Price against 24 hours ago",
      sort: (row) => row.of.change_24h,
      render: ({ of }) => <Change value={of.change_24h} of="Change in 24 hours" at={of.priced_at} />,
    },
    {
      key: "line", title: "Last day", unit: "1 h", width: 7,
      render: ({ of, closes }) => <Sparkline values={closes} label={`${of.symbol} at ${of.venue}, last 24 hours`} />,
    },
    {
      ...number, key: "volume", title: "Volume", unit: "quote", width: 7, about: "Value traded in 24 hours, in units of the quote currency",
      sort: (row) => row.of.quote_volume_24h,
      render: ({ of }) => <Quantity value={of.quote_volume_24h} unit={of.quote} of="Value traded in 24 hours" at={of.fresh_until} />,
    },
    {
      ...number, key: "funding", title: "Funding", unit: "bp", width: 6, about: "Funding of the running interval, in basis points of the position",
      sort: (row) => row.of.funding_rate,
      render: ({ of }) => <Funding of={of} />,
    },
    {
      ...number, key: "oi", title: "OI", unit: "quote", width: 5.75, about: "Worth of open contracts, in units of the quote currency",
      sort: (row) => row.of.open_interest,
      render: ({ of }) => <Quantity value={of.open_interest} unit={of.quote} of="Open interest" at={of.open_interest_known_at} />,
    },
    {
      ...number, key: "oi_change", title: "OI 24 h", unit: "%", width: 5.75, about: "Open contracts against 24 hours ago",
      sort: (row) => row.of.open_interest_change_24h,
      render: ({ of }) => <Change value={of.open_interest_change_24h} places={1} of="Change of open contracts in 24 hours" at={of.open_interest_known_at} />,
    },
    {
      ...number, key: "sentiment", title: "Mood", unit: "−1..1", width: 5.25, about: "Score of all texts about the base in 24 hours, −1 (bad) to 1 (good)",
      sort: (row) => row.of.sentiment,
      render: ({ of }) => <Mood of={of} />,
    },
    {
      ...number, key: "age", title: "Age", width: 5, about: "Since the newest candle closed",
      sort: (row) => ageOf(row.of, now),
      render: ({ of }) => <span title={`Newest candle closed ${format.fullTime(of.fresh_until)}`}>{format.duration(ageOf(of, now))}</span>,
    },
  ];
}

/** What the table shows anyway needs no column of its own. */
function isShown(rule: Rule, index: number, rules: readonly Rule[]): boolean {
  if (rule.field.source === "overview" && !["quality", "open_gaps"].includes(rule.field.column)) return false;
  return rules.findIndex((each) => each.field === rule.field && each.timeframe === rule.timeframe) === index;
}

function ruleColumn(rule: Rule): Column<MarketRow> {
  const values = (row: MarketRow) => valuesOf(rule.field, rule.timeframe, row.known);
  const isText = rule.field.choices !== undefined;
  return {
    key: `rule ${rule.field.name} ${rule.timeframe ?? ""}`,
    title: format.words(rule.field.name),
    unit: rule.timeframe ?? rule.field.unit,
    about: `${rule.field.about}${rule.field.unit ? `, ${rule.field.unit}` : ""}: ${printRule(rule)}`,
    width: isText ? 8 : 6.5,
    align: isText ? "left" : "right",
    sort: (row) => values(row)[0],
    render: (row) => {
      const known = values(row);
      if (isText) return known.length ? <Badge tone="accent">{format.words(String(known[0]))}</Badge> : format.UNKNOWN;
      return <Figure value={typeof known[0] === "number" ? known[0] : null} of={rule.field.about} />;
    },
  };
}

function Funding({ of }: { readonly of: Overview }) {
  if (of.funding_rate === null) return <span class="dim" title={of.kind === "spot" ? "Spot has no funding" : "not known"}>{format.UNKNOWN}</span>;
  const each = of.funding_interval_hours === null ? "" : `, each ${of.funding_interval_hours} h`;
  const way = of.funding_rate > 0 ? "longs pay" : "shorts pay";
  return (
    <span title={`Funding ${format.basisPoints(of.funding_rate, 3)}${each}: ${way}, next ${format.fullTime(of.next_funding_at)}; known ${format.fullTime(of.funding_known_at)}`}>
      {format.basisPoints(of.funding_rate, 2).replace(" bp", "")}
    </span>
  );
}

function Mood({ of }: { readonly of: Overview }) {
  if (of.sentiment === null) return <span class="dim" title={`Nothing was said of ${of.base} in the last day`}>{format.UNKNOWN}</span>;
  const way = of.sentiment > 0.05 ? "up" : of.sentiment < -0.05 ? "down" : "";
  return (
    <span class={way} title={`${of.sentiment_texts_24h ?? 0} texts about ${of.base} in 24 hours, as of ${format.fullTime(of.sentiment_known_at)}`}>
      {of.sentiment > 0 ? "+" : ""}
      {of.sentiment.toFixed(2).replace("-", "−")}
    </span>
  );
}

export const rowKey = (row: MarketRow) => keyOf(row.of);
