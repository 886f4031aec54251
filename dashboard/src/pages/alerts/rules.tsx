import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { send } from "../../api/client";
import { instruments, loadInstruments } from "../../api/instruments";
import { useGet, type Resource } from "../../api/reading";
import * as format from "../../ui/format";
import { Badge, Panel, TrustMark } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { DataTable, type Column } from "../../ui/table";
import { Age } from "../../ui/values";
import { parseRules } from "../market/rules";
import { loadWatchlists, watchlists } from "../market/watchlists";
import { expressionOf } from "./expressions";
import { severityTone } from "./list";

interface Rule {
  readonly rule_id: number;
  readonly name: string;
  readonly scope: string;
  readonly venue: string | null;
  readonly symbol: string | null;
  readonly watchlist: string | null;
  readonly expression: string;
  readonly problem: string | null;
  readonly mode: string;
  readonly cool_down_seconds: number | null;
  readonly severity: string;
  readonly expires_at: string | null;
  readonly sinks: readonly string[] | null;
  readonly enabled: boolean;
  readonly expired: boolean;
  readonly symbols: number | null;
  readonly holds: number | null;
  readonly fired_at: string | null;
  readonly alerts: number;
  readonly looked_at: string | null;
}

interface Answer {
  readonly data: readonly Rule[];
}

const ADDRESS = "/api/v1/alert-rules";

export function Rules() {
  const rules = useGet<Answer>(ADDRESS, {}, { every: 10_000 });
  const [refused, setRefused] = useState<string | null>(null);
  const change = async (work: Promise<unknown>) => {
    try {
      await work;
      setRefused(null);
      rules.again();
    } catch (error) {
      setRefused((error as Error).message);
    }
  };
  return (
    <div class="stack">
      <NewRule made={rules.again} />
      <Panel title="Rules" note="evaluated within a second of what they depend on" footer={refused ? <span class="refused" role="alert">{refused}</span> : undefined}>
        <RuleTable of={rules} change={change} />
      </Panel>
    </div>
  );
}

function RuleTable({ of, change }: { readonly of: Resource<Answer>; readonly change: (work: Promise<unknown>) => Promise<void> }) {
  return (
    <Loaded of={of} rows={4} isEmpty={(answer) => answer.data.length === 0} emptyTitle="No rule yet" empty="Write one above: a condition over prices, indicators, patterns, signals, whales, funding, sentiment, gaps.">
      {(answer) => <DataTable label="Alert rules" columns={columnsOf(change)} rows={answer.data} rowKey={(row) => String(row.rule_id)} initialSort={{ key: "name", descending: false }} height="calc(100dvh - 22rem)" />}
    </Loaded>
  );
}

function stateOf(rule: Rule): { readonly tone: "good" | "warn" | "bad" | "none"; readonly text: string; readonly why: string } {
  if (rule.problem) return { tone: "bad", text: "cannot be read", why: rule.problem };
  if (rule.expired) return { tone: "none", text: "expired", why: format.fullTime(rule.expires_at) };
  if (!rule.enabled) return { tone: "none", text: "off", why: "switched off" };
  if (!rule.looked_at) return { tone: "warn", text: "not looked at yet", why: "no stream run or poller has evaluated it yet" };
  return { tone: "good", text: rule.holds ? `holds for ${rule.holds}` : "watched", why: `looked at ${format.fullTime(rule.looked_at)}` };
}

function columnsOf(change: (work: Promise<unknown>) => Promise<void>): Column<Rule>[] {
  const place = (rule: Rule) => `${ADDRESS}/${rule.rule_id}`;
  return [
    { key: "name", title: "Name", width: 11, narrowWidth: 8.75, pinned: true, sort: (row) => row.name, render: (row) => <strong title={row.name}>{row.name}</strong> },
    { key: "expression", title: "Condition", width: 20, render: (row) => <span class="mono" title={row.expression}>{row.expression}</span> },
    { key: "of", title: "Watches", width: 10, render: (row) => row.watchlist ? `list ${row.watchlist}` : row.symbol ? <span title={`${row.symbol} at ${row.venue}`}>{row.symbol} <span class="dim">{row.venue}</span></span> : "all tracked" },
    { key: "mode", title: "When", width: 6.5, about: "crossing: when it becomes true; level: while it is, once in a cool-down", sort: (row) => row.mode, render: (row) => row.mode },
    { key: "severity", title: "Severity", width: 6, sort: (row) => row.severity, render: (row) => <Badge tone={severityTone(row.severity)}>{row.severity}</Badge> },
    {
      key: "state", title: "State", width: 9.5, sort: (row) => stateOf(row).text,
      render: (row) => {
        const state = stateOf(row);
        return <TrustMark tone={state.tone} label={state.text} title={state.why} />;
      },
    },
    { key: "alerts", title: "Fired", width: 5, align: "right", sort: (row) => row.alerts, render: (row) => <span title={row.fired_at ? `last ${format.fullTime(row.fired_at)}` : "never"}>{format.count(row.alerts)}</span> },
    { key: "last", title: "Last", width: 5.5, sort: (row) => (row.fired_at ? Date.parse(row.fired_at) : null), render: (row) => <Age value={row.fired_at} /> },
    {
      key: "do", title: "Change", width: 9,
      render: (row) => (
        <span class="row">
          <button type="button" class="button small" onClick={() => void change(send("PATCH", place(row), { enabled: !row.enabled }))}>
            {row.enabled ? "Off" : "On"}
          </button>
          <button type="button" class="button small" onClick={() => confirm(`Remove the rule "${row.name}"? Its alerts stay.`) && void change(send("DELETE", place(row)))}>
            Remove
          </button>
        </span>
      ),
    },
  ];
}

function NewRule({ made }: { readonly made: () => void }) {
  const given = route.value.parameters.get("rules");
  const written = given ? expressionOf(parseRules(given).rules) : null;
  const [name, setName] = useState("");
  const [expression, setExpression] = useState(written?.expression ?? "");
  const [scope, setScope] = useState("");
  const [mode, setMode] = useState("crossing");
  const [severity, setSeverity] = useState("warning");
  const [minutes, setMinutes] = useState("15");
  const [said, setSaid] = useState<{ readonly tone: "good" | "bad"; readonly text: string } | null>(null);
  const lists = watchlists.value;
  const known = instruments.value.filter((each) => each.tracked);
  const focus = () => {
    void loadInstruments().catch(() => undefined);
    void loadWatchlists().catch(() => undefined);
  };
  const submit = async (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    const [kind, ...rest] = scope.split(" ");
    const of = kind === "list" ? { watchlist: rest.join(" ") } : kind === "symbol" ? { venue: rest[0], symbol: rest[1] } : {};
    const cool = Number(minutes) * 60;
    try {
      await send("POST", ADDRESS, { name: name.trim(), expression, mode, severity, cool_down_seconds: cool, ...of });
      setSaid({ tone: "good", text: `"${name.trim()}" is watched from now on` });
      setName("");
      setExpression("");
      if (given) setParameters({ rules: null });
      made();
    } catch (error) {
      setSaid({ tone: "bad", text: (error as Error).message });
    }
  };
  return (
    <Panel title="A new rule" note="fields, comparisons, and, or, not, crosses_above, crosses_below" padded>
      <form class="rule-form" onSubmit={(event) => void submit(event)} onFocusIn={focus}>
        <label class="wide">
          <span>Condition</span>
          <textarea class="input mono" rows={2} required spellcheck={false} placeholder={'rsi_14[1h] < 30 and trend[4h] = "up"'} value={expression} onInput={(event) => setExpression(event.currentTarget.value)} />
        </label>
        <label>
          <span>Name</span>
          <input class="input" required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          <span>Watches</span>
          <select class="select" value={scope} onChange={(event) => setScope(event.currentTarget.value)}>
            <option value="">all tracked symbols</option>
            {lists.map((each) => (
              <option key={each.name} value={`list ${each.name}`}>
                list {each.name}
              </option>
            ))}
            {known.map((each) => (
              <option key={`${each.venue} ${each.symbol}`} value={`symbol ${each.venue} ${each.symbol}`}>
                {each.symbol} {each.venue}
              </option>
            ))}
          </select>
        </label>
        <label>
          <span>Fires</span>
          <select class="select" value={mode} onChange={(event) => setMode(event.currentTarget.value)}>
            <option value="crossing">when it becomes true</option>
            <option value="level">while it is true</option>
          </select>
        </label>
        <label>
          <span>Not again for, min</span>
          <input class="input" type="number" min={mode === "level" ? 1 : 0} max={527_040} value={minutes} onInput={(event) => setMinutes(event.currentTarget.value)} />
        </label>
        <label>
          <span>Severity</span>
          <select class="select" value={severity} onChange={(event) => setSeverity(event.currentTarget.value)}>
            {["info", "warning", "critical"].map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <button type="submit" class="button primary">
          Watch
        </button>
      </form>
      {written?.left.length ? <p class="dim">No alert can be made of {written.left.map(format.words).join(", ")}: that part of the filter was left out.</p> : null}
      {said ? (
        <pre class={said.tone === "bad" ? "refused said" : "mark good said"} role={said.tone === "bad" ? "alert" : "status"}>
          {said.text}
        </pre>
      ) : null}
    </Panel>
  );
}
