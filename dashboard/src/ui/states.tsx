/** Loading, empty, stale and failed, designed once: every page shows what it has through `Loaded`. */
import type { ComponentChildren, TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import type { Resource } from "../api/asker";
import { Problem, type Columns } from "../api/client";
import { keepKey } from "../api/key";
import { now } from "./clock";
import { age, clock, duration } from "./format";
import { Icon } from "./icons";

export function Empty({ title = "Nothing here yet", children }: { readonly title?: string; readonly children?: ComponentChildren }) {
  return (
    <div class="state" role="status">
      <Icon name="empty" size={28} />
      <strong>{title}</strong>
      {children ? <p>{children}</p> : null}
    </div>
  );
}

const WIDTHS = [62, 88, 74, 81, 55, 92, 68, 77];

/** The shape of what is to come. It breathes, and nothing jumps when the data are there. */
export function Loading({ rows = 5, label = "Loading" }: { readonly rows?: number; readonly label?: string }) {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, index) => (
        <i key={index} style={{ width: `${WIDTHS[index % WIDTHS.length]}%`, animationDelay: `${index * 90}ms` }} />
      ))}
    </div>
  );
}

/** What stands above data that could not be asked anew. */
export function StaleBar({ of }: { readonly of: Resource<unknown> }) {
  const reason = of.error instanceof Problem ? of.error.message : "the API does not answer";
  return (
    <div class="stale-bar" role="status">
      <Icon name="clock" size={14} />
      <span>
        {of.at === null ? null : `As of ${clock(of.at)} UTC, ${age(of.at, Date.now())} old: `}
        {reason}
      </span>
      <button type="button" class="button quiet" onClick={of.again}>
        Try now
      </button>
    </div>
  );
}

export function Failure({ of }: { readonly of: Resource<unknown> }) {
  const error = of.error;
  if (error instanceof Problem && error.status === 401) return <KeyWanted again={of.again} />;
  const away = !(error instanceof Problem);
  // read so that the seconds count down
  const wait = of.retryAt === null ? null : Math.max(0, of.retryAt - (now.value && Date.now()));
  return (
    <div class="state error" role="alert">
      <Icon name={away ? "away" : "alert"} size={28} />
      <strong>{away ? "The API does not answer" : error.title}</strong>
      <p>
        {away
          ? "Nothing is lost: it is asked again until it does. Start it with: alphapulse api"
          : error.detail || `It answered with status ${error.status}.`}
      </p>
      <button type="button" class="button" onClick={of.again}>
        Try now{wait === null ? "" : ` (else in ${duration(Math.ceil(wait / 1000) * 1000)})`}
      </button>
    </div>
  );
}

/** Away from loopback the API wants a key. */
function KeyWanted({ again }: { readonly again: () => void }) {
  const [key, setKey] = useState("");
  const keep = (event: TargetedEvent<HTMLFormElement>) => {
    event.preventDefault();
    keepKey(key.trim());
    again();
  };
  return (
    <div class="state" role="alert">
      <Icon name="key" size={28} />
      <strong>This API wants a key</strong>
      <p>Who runs it makes one with: alphapulse api keys add. It is kept for this tab only.</p>
      <form onSubmit={keep} style={{ display: "flex", gap: "0.5rem" }}>
        <input
          class="input"
          type="password"
          autoComplete="off"
          aria-label="API key"
          value={key}
          onInput={(event) => setKey(event.currentTarget.value)}
        />
        <button type="submit" class="button primary">
          Use it
        </button>
      </form>
    </div>
  );
}

interface LoadedProps<Data> {
  readonly of: Resource<Data>;
  /** What to say when there are no rows; by default columns without rows and empty lists are empty. */
  readonly empty?: ComponentChildren;
  readonly emptyTitle?: string;
  readonly isEmpty?: (data: Data) => boolean;
  /** Rows of the skeleton: about as many as will come. */
  readonly rows?: number;
  readonly children: (data: Data) => ComponentChildren;
}

/** Shows data in whatever state they are: nothing is hidden, nothing looks fresher than it is. */
export function Loaded<Data>({ of, empty, emptyTitle, isEmpty, rows, children }: LoadedProps<Data>) {
  if (of.data === null) {
    if (of.state === "failed") return <Failure of={of} />;
    return rows === undefined ? <Loading /> : <Loading rows={rows} />;
  }
  const nothing = (isEmpty ?? hasNoRows)(of.data);
  const stale = of.state === "stale";
  return (
    <>
      {stale ? <StaleBar of={of} /> : null}
      <div class={stale ? "aged" : undefined}>
        {nothing ? <Empty {...(emptyTitle ? { title: emptyTitle } : {})}>{empty}</Empty> : children(of.data)}
      </div>
    </>
  );
}

function hasNoRows(data: unknown): boolean {
  if (Array.isArray(data)) return data.length === 0;
  const rows = (data as Partial<Columns> | null)?.rows;
  return typeof rows === "number" && rows === 0;
}
