/** The filter builder: rules as chips, one more by choosing or by typing, saved by name. */
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { words } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { hrefOf } from "../../ui/router";
import { BY_NAME, FIELDS, TIMEFRAMES, hasTimeframe, type Source } from "./fields";
import { EXAMPLES, forgetFilter, saveFilter, savedFilters } from "./kept";
import { OPERATORS, parseRule, printRule, printRules, type Rule } from "./rules";

const GROUPS: readonly (readonly [Source, string])[] = [
  ["overview", "Now"],
  ["indicators", "Indicators"],
  ["regimes", "Regime"],
  ["signals", "Signals"],
  ["patterns", "Chart patterns"],
];

interface ScreenerProps {
  readonly rules: readonly Rule[];
  readonly refused: readonly string[];
  readonly change: (rules: readonly Rule[]) => void;
  readonly choose: (rules: string) => void;
}

export function Screener({ rules, refused, change, choose }: ScreenerProps) {
  return (
    <div class="screener">
      {rules.map((rule) => (
        <span class="chip" key={printRule(rule)}>
          <span>{printRule(rule)}</span>
          <button type="button" aria-label={`Remove ${printRule(rule)}`} onClick={() => change(rules.filter((each) => each !== rule))}>
            <Icon name="cross" size={10} />
          </button>
        </span>
      ))}
      <Builder add={(rule) => change([...rules.filter((each) => printRule(each) !== printRule(rule)), rule])} />
      <Saved rules={rules} choose={choose} />
      {refused.length ? (
        <p class="refused" role="alert">
          {refused.join("; ")}
        </p>
      ) : null}
    </div>
  );
}

function Builder({ add }: { readonly add: (rule: Rule) => void }) {
  const [name, setName] = useState("rsi_14");
  const [operator, setOperator] = useState("<");
  const [value, setValue] = useState("");
  const [timeframe, setTimeframe] = useState("1h");
  const [error, setError] = useState<string | null>(null);
  const field = BY_NAME.get(name) ?? FIELDS[0];
  if (!field) return null;
  const operators = field.choices ? (["=", "!="] as const) : OPERATORS;
  const submit = (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    const chosen = field.choices ? value || field.choices[0] : value;
    const by = (operators as readonly string[]).includes(operator) ? operator : "=";
    try {
      add(parseRule(`${name} ${by} ${chosen}${hasTimeframe(field) ? ` on ${timeframe}` : ""}`));
      setValue("");
      setError(null);
    } catch (refusal) {
      setError(value === "" ? `give a value to compare ${field.name} with` : (refusal as Error).message);
    }
  };
  return (
    <form class="builder" onSubmit={submit} aria-label="Add a filter">
      <select class="select" aria-label="Field" value={name} onChange={(event) => (setName(event.currentTarget.value), setValue(""), setError(null))}>
        {GROUPS.map(([source, title]) => (
          <optgroup key={source} label={title}>
            {FIELDS.filter((each) => each.source === source).map((each) => (
              <option key={each.name} value={each.name} title={each.about}>
                {words(each.name)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <select class="select" aria-label="Comparison" value={operator} onChange={(event) => setOperator(event.currentTarget.value)}>
        {operators.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      {field.choices ? (
        <select class="select" aria-label="Value" value={value || field.choices[0]} onChange={(event) => setValue(event.currentTarget.value)}>
          {field.choices.map((each) => (
            <option key={each} value={each}>
              {words(each)}
            </option>
          ))}
        </select>
      ) : (
        <input
          class="input value"
          aria-label={`Value, ${field.unit}`}
          placeholder={field.unit || "value"}
          value={value}
          size={8}
          onInput={(event) => setValue(event.currentTarget.value)}
        />
      )}
      {hasTimeframe(field) ? (
        <select class="select" aria-label="Timeframe" value={timeframe} onChange={(event) => setTimeframe(event.currentTarget.value)}>
          {TIMEFRAMES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      ) : null}
      <button type="submit" class="button">
        <Icon name="plus" size={12} /> Filter
      </button>
      {error ? (
        <span class="refused" role="alert">
          {error}
        </span>
      ) : null}
    </form>
  );
}

function Saved({ rules, choose }: { readonly rules: readonly Rule[]; readonly choose: (rules: string) => void }) {
  const [name, setName] = useState<string | null>(null);
  const text = printRules(rules);
  const mine = savedFilters.value;
  const current = mine.find((each) => each.rules === text);
  const save = (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (name?.trim()) saveFilter({ name: name.trim(), rules: text });
    setName(null);
  };
  if (name !== null) {
    return (
      <form class="builder" onSubmit={save}>
        <input class="input" autofocus aria-label="Name of the filter" placeholder="Name of the filter" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        <button type="submit" class="button primary">
          Save
        </button>
        <button type="button" class="button quiet" onClick={() => setName(null)}>
          Cancel
        </button>
      </form>
    );
  }
  return (
    <span class="builder end">
      <select class="select" aria-label="Saved filters" value={current?.rules ?? ""} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">{rules.length ? "No filter" : "Saved filters"}</option>
        {mine.length ? (
          <optgroup label="Yours">
            {mine.map((each) => (
              <option key={each.name} value={each.rules}>
                {each.name}
              </option>
            ))}
          </optgroup>
        ) : null}
        <optgroup label="Examples">
          {EXAMPLES.map((each) => (
            <option key={each.name} value={each.rules}>
              {each.name}
            </option>
          ))}
        </optgroup>
      </select>
      {rules.length && !current ? (
        <button type="button" class="button" onClick={() => setName("")}>
          Save
        </button>
      ) : null}
      {current ? (
        <button type="button" class="button quiet" onClick={() => forgetFilter(current.name)}>
          Forget
        </button>
      ) : null}
      {rules.length ? (
        <a class="button quiet" href={hrefOf("alerts", { tab: "rules", rules: text })} title="Be told when a symbol fits">
          <Icon name="bell" size={13} /> Alert
        </a>
      ) : null}
    </span>
  );
}
