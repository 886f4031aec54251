/** Whether the book can be trusted, since when, and what broke it lately. */
import { rowsOf } from "../../api/client";
import { type Resource, useReading } from "../../api/reading";
import type { Columns } from "../../api/client";
import { now } from "../../ui/clock";
import { duration, millisecondsOf, words } from "../../ui/format";
import { Panel, TrustMark } from "../../ui/parts";
import { Empty, Loaded } from "../../ui/states";
import { Age, Time } from "../../ui/values";
import type { BookState } from "./state";

export interface TrustRow {
  readonly valid_from: string;
  readonly valid_until: string | null;
  readonly state: string;
  readonly began_with: string | null;
  readonly ended_with: string | null;
}

const DAY = 86_400_000;

export function useTrust({ symbol, venue }: BookState): Resource<Columns> {
  return useReading("book/trust", { symbol, venue, limit: 50 }, { every: 5_000 });
}

/** Newest first: what is so now, or what was the last that is known. */
export function standing(rows: readonly TrustRow[]): { readonly tone: "good" | "warn" | "bad"; readonly label: string } {
  const last = rows[0];
  if (last === undefined) return { tone: "bad", label: "never followed" };
  if (last.valid_until !== null) return { tone: "bad", label: `not followed: ${words(last.ended_with)}` };
  return last.state === "synced" ? { tone: "good", label: "synced" } : { tone: last.state === "lagging" ? "warn" : "bad", label: words(last.state) };
}

export function TrustLabel({ of }: { readonly of: Resource<Columns> }) {
  if (of.data === null) return null;
  const rows = rowsOf<TrustRow>(of.data);
  const told = standing(rows);
  // what was true when it was last asked is not known to be true now
  const { tone, label } = of.state === "stale" ? { tone: "none" as const, label: `${told.label} when last asked` } : told;
  const since = rows[0]?.valid_until ?? rows[0]?.valid_from;
  return (
    <span class="trust-label">
      <TrustMark tone={tone} title={`The book is ${label}. Only a synced book is proven right.`} label={label} />
      {since ? (
        <span class="dim">
          {" "}
          since <Time value={since} /> UTC (<Age value={since} />)
        </span>
      ) : null}
    </span>
  );
}

export function Trust({ of }: { readonly of: Resource<Columns> }) {
  return (
    <Panel span={4} title="Trust" note="when the book was proven right, UTC">
      <Loaded of={of} rows={5} emptyTitle="Nobody follows this book" empty="Track the symbol, and see that its stream runs.">
        {(answer) => <Stretches rows={rowsOf<TrustRow>(answer)} />}
      </Loaded>
    </Panel>
  );
}

function Stretches({ rows }: { readonly rows: readonly TrustRow[] }) {
  const since = now.value - DAY;
  const lost = rows.filter((row) => row.state !== "synced" && row.state !== "stopped" && (millisecondsOf(row.valid_until) ?? now.value) > since);
  const away = lost.reduce((sum, row) => sum + ((millisecondsOf(row.valid_until) ?? now.value) - Math.max(since, millisecondsOf(row.valid_from) ?? since)), 0);
  return (
    <>
      <p class="trust-sum">
        {lost.length === 0 ? "No break in 24 h." : `${lost.length} ${lost.length === 1 ? "stretch" : "stretches"} without proof in 24 h, ${duration(away)} together.`}
      </p>
      {rows.length === 0 ? <Empty /> : null}
      <ol class="stretches">
        {rows.slice(0, 8).map((row) => (
          <li key={`${row.valid_from} ${row.state}`}>
            <TrustMark tone={row.state === "synced" ? "good" : row.state === "lagging" ? "warn" : "bad"} title={words(row.state)} label={words(row.state)} />
            <span>
              <Time value={row.valid_from} />, {duration((millisecondsOf(row.valid_until) ?? now.value) - (millisecondsOf(row.valid_from) ?? now.value))}
            </span>
            <span class="dim">
              {words(row.began_with)}
              {row.ended_with ? ` to ${words(row.ended_with)}` : ""}
            </span>
          </li>
        ))}
      </ol>
    </>
  );
}
