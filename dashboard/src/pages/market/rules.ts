/** Rules of the screener: from text to rules and back, which questions they need, which rows they keep. Pure. */
import { distance } from "../../ui/matching";
import { BY_NAME, FIELDS, TIMEFRAMES, hasTimeframe, type Field, type Source } from "./fields";

export const OPERATORS = ["<", "<=", ">", ">=", "=", "!="] as const;
export type Operator = (typeof OPERATORS)[number];

export interface Rule {
  readonly field: Field;
  readonly operator: Operator;
  /** A number in the field's own unit, one of its texts, or another field of the same bar. */
  readonly value: number | string | Field;
  /** Null for what is of now. */
  readonly timeframe: string | null;
}

export class RuleError extends Error {}

const FORM = /^\s*([a-z_0-9]+)\s*(<=|>=|!=|<|>|=)\s*(-?[a-z_0-9.]+)\s*(%|bp)?\s*(?:(?:on|@)\s*([0-9]+[mhdw]))?\s*$/i;

/** A rule from its text: "rsi_14 < 30 on 1h", "trend = up on 4h", "ema_20 > ema_50 on 1d", "change_24h > 5". */
export function parseRule(text: string): Rule {
  const found = FORM.exec(text);
  if (!found) throw new RuleError(`"${text.trim()}" is no rule: write field, comparison, value, as in rsi_14 < 30 on 1h`);
  const [, name = "", operator = "", value = "", , frame] = found;
  const field = fieldNamed(name.toLowerCase());
  return { field, operator: operator as Operator, value: valueOf(field, operator, value.toLowerCase()), timeframe: timeframeOf(field, frame) };
}

function fieldNamed(name: string): Field {
  const field = BY_NAME.get(name);
  if (field) return field;
  const [near] = FIELDS.map((each) => ({ each, steps: distance(name, each.name, 4) })).sort((a, b) => a.steps - b.steps);
  const meant = near && near.steps <= 3 ? `; did you mean ${near.each.name}?` : "";
  throw new RuleError(`there is no field ${name}${meant}`);
}

function valueOf(field: Field, operator: string, text: string): Rule["value"] {
  if (field.choices) {
    if (operator !== "=" && operator !== "!=") throw new RuleError(`${field.name} is compared by = or !=, not by ${operator}`);
    if (!field.choices.includes(text)) throw new RuleError(`${field.name} is one of ${field.choices.join(", ")}, not ${text}`);
    return text;
  }
  const value = Number(text);
  if (Number.isFinite(value)) return value;
  const other = fieldNamed(text);
  if (other.source !== field.source || other.choices || other.source !== "indicators") {
    throw new RuleError(`${field.name} is compared with a number or with another indicator of the bar, not with ${text}`);
  }
  return other;
}

function timeframeOf(field: Field, frame: string | undefined): string | null {
  if (!hasTimeframe(field)) {
    if (frame) throw new RuleError(`${field.name} is of now: it has no timeframe`);
    return null;
  }
  if (frame === undefined) return "1h";
  if (!(TIMEFRAMES as readonly string[]).includes(frame)) throw new RuleError(`there is no timeframe ${frame}: use one of ${TIMEFRAMES.join(", ")}`);
  return frame;
}

/** A rule as its text, which `parseRule` reads. */
export function printRule(rule: Rule): string {
  const value = typeof rule.value === "object" ? rule.value.name : String(rule.value);
  return `${rule.field.name} ${rule.operator} ${value}${rule.timeframe ? ` on ${rule.timeframe}` : ""}`;
}

/** Rules as one text for an address: separated by semicolons. */
export function printRules(rules: readonly Rule[]): string {
  return rules.map(printRule).join("; ");
}

/** Rules of an address; what cannot be read is told and left out. */
export function parseRules(text: string): { readonly rules: Rule[]; readonly refused: string[] } {
  const rules: Rule[] = [];
  const refused: string[] = [];
  for (const part of text.split(";").filter((each) => each.trim())) {
    try {
      rules.push(parseRule(part));
    } catch (error) {
      refused.push((error as Error).message);
    }
  }
  return { rules, refused };
}

export interface Needed {
  readonly source: Source;
  readonly timeframe: string;
  readonly path: string;
  readonly fields: string;
}

const PATHS: Readonly<Record<Exclude<Source, "overview">, string>> = {
  indicators: "indicators/now",
  regimes: "regimes/now",
  signals: "signals/now",
  patterns: "patterns/chart/open",
};

export function slot(source: Source, timeframe: string): string {
  return `${source} ${timeframe}`;
}

/** The questions that rules need: one for each source and timeframe, for all symbols at once. */
export function questionsOf(rules: readonly Rule[]): Needed[] {
  const columns = new Map<string, Set<string>>();
  for (const rule of rules) {
    if (rule.field.source === "overview" || rule.timeframe === null) continue;
    const wanted = columns.get(slot(rule.field.source, rule.timeframe)) ?? new Set(["venue", "symbol"]);
    wanted.add(rule.field.column);
    if (typeof rule.value === "object") wanted.add(rule.value.column);
    columns.set(slot(rule.field.source, rule.timeframe), wanted);
  }
  return [...columns].map(([key, wanted]) => {
    const [source = "", timeframe = ""] = key.split(" ");
    return { source: source as Source, timeframe, path: PATHS[source as keyof typeof PATHS], fields: [...wanted].join(",") };
  });
}

type Values = Readonly<Record<string, unknown>>;

/** What is known of a symbol: its overview, and rows of other readings by `slot`; of patterns there may be several. */
export interface Known {
  readonly overview: Values;
  readonly slots: ReadonlyMap<string, readonly Values[]>;
}

/** The values of a rule's field of a symbol, in the field's unit; none where it is not known. */
export function valuesOf(field: Field, timeframe: string | null, known: Known): (number | string)[] {
  const rows = field.source === "overview" ? [known.overview] : (known.slots.get(slot(field.source, timeframe ?? "")) ?? []);
  return rows.flatMap((row): (number | string)[] => {
    const value = row[field.column];
    if (typeof value === "number" && Number.isFinite(value)) return [value * (field.scale ?? 1)];
    return typeof value === "string" ? [value] : [];
  });
}

/** Whether a symbol fits a rule: any of its values does. What is not known fits nothing. */
export function fits(rule: Rule, known: Known): boolean {
  const against = typeof rule.value === "object" ? valuesOf(rule.value, rule.timeframe, known)[0] : rule.value;
  if (against === undefined) return false;
  return valuesOf(rule.field, rule.timeframe, known).some((value) => holds(value, rule.operator, against));
}

function holds(value: number | string, operator: Operator, against: number | string): boolean {
  switch (operator) {
    case "<":
      return value < against;
    case "<=":
      return value <= against;
    case ">":
      return value > against;
    case ">=":
      return value >= against;
    case "=":
      return value === against;
    case "!=":
      return value !== against;
  }
}
