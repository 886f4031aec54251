/** From the screener's rules to an alert rule's expression: pure. */
import type { Rule } from "../market/rules";

/** Fields of the screener that have another name, or another unit, where alert rules are written. */
const NAMES: Readonly<Record<string, { readonly name: string; readonly part?: number }>> = {
  price: { name: "price" },
  funding: { name: "funding.rate", part: 1e4 },
  open_interest: { name: "open_interest.value" },
  oi_change_24h: { name: "open_interest.change_24h", part: 100 },
  sentiment: { name: "sentiment.score" },
  gaps: { name: "gap.count" },
  trend: { name: "trend" },
  volatility: { name: "volatility" },
  liquidity: { name: "liquidity" },
  signal: { name: "signal" },
  signal_score: { name: "signal.score" },
  signal_confidence: { name: "signal.confidence" },
  chart_pattern: { name: "pattern" },
  pattern_direction: { name: "pattern.direction" },
};

export interface Written {
  readonly expression: string;
  /** Rules that alert rules have no field for. */
  readonly left: readonly string[];
}

/** The expression that says what the rules say: `rsi_14[1h] < 30 and trend[4h] = "up"`. */
export function expressionOf(rules: readonly Rule[]): Written {
  const left: string[] = [];
  const parts = rules.flatMap((rule) => {
    const named = rule.field.source === "indicators" ? { name: rule.field.name } : NAMES[rule.field.name];
    if (!named) {
      left.push(rule.field.name);
      return [];
    }
    const frame = rule.timeframe ? `[${rule.timeframe}]` : "";
    return [`${named.name}${frame} ${rule.operator} ${valueOf(rule, "part" in named ? named.part : undefined, frame)}`];
  });
  return { expression: parts.join(" and "), left };
}

function valueOf(rule: Rule, part: number | undefined, frame: string): string {
  if (typeof rule.value === "object") return `${rule.value.name}${frame}`;
  if (typeof rule.value === "string") return `"${rule.value}"`;
  return String(part ? Number((rule.value / part).toPrecision(12)) : rule.value);
}
