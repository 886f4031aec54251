import type { TargetedEvent } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { rowsOf, type Columns } from "../../api/client";
import { useReading, type Resource } from "../../api/reading";
import { now } from "../../ui/clock";
import { count } from "../../ui/format";
import { Icon } from "../../ui/icons";
import { PageHead, Panel, Tabs } from "../../ui/parts";
import { go, route, setParameters } from "../../ui/router";
import { Empty, Loaded } from "../../ui/states";
import { DataTable, type Column } from "../../ui/table";
import { columnsOf, rowKey, type MarketRow } from "./columns";
import "./market.css";
import { keyOf, type Overview } from "./rows";
import { fits, parseRules, printRules, questionsOf, slot, type Needed, type Rule } from "./rules";
import { Screener } from "./screener";
import { Summary } from "./summary";
import { addWatchlist, keptBy, loadWatchlists, removeWatchlist, toggle, watchlists } from "./watchlists";

const ALL = "";
/** How often the table is asked for anew (ours): its forming candles are written each second. */
const EVERY = 5_000;
const EVERY_LINE = 60_000;
const EVERY_BAR = 30_000;

export function View() {
  const text = route.value.parameters.get("rules") ?? "";
  const listName = route.value.parameters.get("list") ?? ALL;
  const { rules, refused } = useMemo(() => parseRules(text), [text]);
  const overview = useReading("market/overview", {}, { every: EVERY });
  const lines = useReading("market/sparklines", {}, { every: EVERY_LINE });
  const [answers, setAnswers] = useState<ReadonlyMap<string, Resource<Columns>>>(new Map());
  const needed = useMemo(() => questionsOf(rules), [rules]);
  useEffect(() => void loadWatchlists().catch(() => undefined), []);

  const all = useMemo(() => (overview.data ? rowsOf<Overview>(overview.data) : []), [overview.data]);
  const closes = useMemo(() => closesOf(lines.data), [lines.data]);
  const slots = useMemo(() => slotsOf(needed, answers), [needed, answers]);
  const rows = useMemo<MarketRow[]>(
    () => all.map((of) => ({ of, closes: closes.get(keyOf(of)) ?? [], known: { overview: { ...of }, slots: slots.get(keyOf(of)) ?? new Map() } })),
    [all, closes, slots],
  );
  const list = watchlists.value.find((each) => each.name === listName);
  const shown = rows.filter((row) => (!list || list.symbols.has(keyOf(row.of))) && rules.every((rule) => fits(rule, row.known)));
  const waiting = needed.some((each) => answers.get(keyFor(each))?.data == null);
  const columns = [starColumn(list?.name ?? null), ...columnsOf(now.value, rules)];
  return (
    <div class="market">
      <PageHead title="Market" lead={overview.data ? `${count(all.length)} symbols tracked` : null}>
        <Lists chosen={list?.name ?? ALL} all={all.length} />
      </PageHead>
      <Summary rows={all} />
      <Screener
        rules={rules}
        refused={refused}
        change={(next) => setParameters({ rules: next.length ? printRules(next) : null })}
        choose={(next) => setParameters({ rules: next || null })}
      />
      {needed.map((each) => (
        <Asked key={keyFor(each)} needed={each} tell={(resource) => setAnswers((before) => new Map(before).set(keyFor(each), resource))} />
      ))}
      <Panel title={list?.name ?? "All tracked"} note={noteOf(shown.length, rows.length, rules, waiting)}>
        <Loaded
          of={overview}
          rows={12}
          emptyTitle="No symbol is tracked"
          empty="Track some with: alphapulse symbols add BTC/USDT ETH/USDT"
        >
          {() =>
            shown.length === 0 && !waiting ? (
              <Nothing list={list?.name ?? null} rules={rules} />
            ) : (
              <DataTable
                label="Market"
                columns={columns}
                rows={shown}
                rowKey={rowKey}
                initialSort={{ key: "volume", descending: true }}
                open={(row) => go("chart", { symbol: row.of.symbol, venue: row.of.venue })}
              />
            )
          }
        </Loaded>
      </Panel>
    </div>
  );
}

function keyFor(needed: Needed): string {
  return `${slot(needed.source, needed.timeframe)} ${needed.fields}`;
}

/** One question of the screener; it draws nothing. */
function Asked({ needed, tell }: { readonly needed: Needed; readonly tell: (resource: Resource<Columns>) => void }) {
  const resource = useReading(needed.path, { timeframe: needed.timeframe, fields: needed.fields, limit: 5_000 }, { every: EVERY_BAR });
  useEffect(() => tell(resource), [resource.data, resource.state]);
  return null;
}

function closesOf(answer: Columns | null): Map<string, readonly (number | null)[]> {
  const found = new Map<string, readonly (number | null)[]>();
  if (!answer) return found;
  for (const row of rowsOf<{ venue: string; symbol: string; closes: (number | null)[] }>(answer)) found.set(keyOf(row), row.closes);
  return found;
}

type Values = Readonly<Record<string, unknown>>;

/** Answers of the screener's questions by symbol and slot. */
function slotsOf(needed: readonly Needed[], answers: ReadonlyMap<string, Resource<Columns>>): Map<string, Map<string, Values[]>> {
  const found = new Map<string, Map<string, Values[]>>();
  for (const each of needed) {
    const answer = answers.get(keyFor(each))?.data;
    if (!answer) continue;
    for (const row of rowsOf<Values & { venue: string; symbol: string }>(answer)) {
      const mine = found.get(keyOf(row)) ?? new Map<string, Values[]>();
      const place = slot(each.source, each.timeframe);
      mine.set(place, [...(mine.get(place) ?? []), row]);
      found.set(keyOf(row), mine);
    }
  }
  return found;
}

function noteOf(shown: number, all: number, rules: readonly Rule[], waiting: boolean): string {
  if (waiting) return "asking …";
  return rules.length || shown !== all ? `${count(shown)} of ${count(all)} fit` : "click a row for its chart";
}

function Nothing({ list, rules }: { readonly list: string | null; readonly rules: readonly Rule[] }) {
  if (rules.length) return <Empty title="No symbol fits">Symbols whose values are not known fit no filter. Remove one to see more.</Empty>;
  return <Empty title={`${list ?? "The list"} is empty`}>Add symbols with the star at the left of All tracked.</Empty>;
}

const STARRED = "Starred";

function starColumn(list: string | null): Column<MarketRow> {
  const name = list ?? STARRED;
  const starred = watchlists.value.find((each) => each.name === name)?.symbols;
  const press = async (row: MarketRow) => {
    await addWatchlist(name);
    await toggle(name, row.of);
  };
  return {
    key: "star",
    title: "",
    about: `On the list ${name}`,
    width: 2,
    narrowWidth: 0,
    render: (row) => {
      const there = starred?.has(rowKey(row)) ?? false;
      return (
        <button type="button" class="star" aria-pressed={there} aria-label={`${row.of.symbol} at ${row.of.venue} on ${name}`} onClick={() => void press(row)}>
          <Icon name="star" size={13} />
        </button>
      );
    },
  };
}

function Lists({ chosen, all }: { readonly chosen: string; readonly all: number }) {
  const [name, setName] = useState<string | null>(null);
  const [refused, setRefused] = useState<string | null>(null);
  const refuse = (error: unknown) => setRefused((error as Error).message);
  const make = (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    const wanted = name?.trim();
    setName(null);
    if (wanted) addWatchlist(wanted).then(() => setParameters({ list: wanted }), refuse);
  };
  const remove = () => {
    setParameters({ list: null });
    removeWatchlist(chosen).catch(refuse);
  };
  const tabs = [
    { name: ALL, title: `All tracked ${all || ""}` },
    ...watchlists.value.map((each) => ({ name: each.name, title: `${each.name} ${each.symbols.size}` })),
  ];
  return (
    <>
      <Tabs label="Watchlists" tabs={tabs} chosen={chosen} choose={(list) => setParameters({ list: list || null })} />
      {name === null ? (
        <button type="button" class="button quiet" title={`A new watchlist, kept by ${keptBy.value === "api" ? "the platform" : "this browser"}`} onClick={() => setName("")}>
          <Icon name="plus" size={12} /> List
        </button>
      ) : (
        <form class="builder" onSubmit={make}>
          <input class="input" autofocus maxLength={64} aria-label="Name of the watchlist" placeholder="Name" value={name} onInput={(event) => setName(event.currentTarget.value)} />
          <button type="submit" class="button">
            Add
          </button>
        </form>
      )}
      {chosen ? (
        <button type="button" class="button quiet" title={`Remove the list ${chosen}; its symbols stay tracked`} onClick={remove}>
          Remove list
        </button>
      ) : null}
      {refused ? (
        <span class="refused" role="alert">
          {refused}
        </span>
      ) : null}
    </>
  );
}
