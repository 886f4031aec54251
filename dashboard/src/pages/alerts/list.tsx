import { useState } from "preact/hooks";
import { rowsOf, send } from "../../api/client";
import { useReading } from "../../api/reading";
import { useWake } from "../../live/wake";
import { now } from "../../ui/clock";
import * as format from "../../ui/format";
import { Badge, Panel, type Tone } from "../../ui/parts";
import { hrefOf } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { DataTable, type Column } from "../../ui/table";
import { Age } from "../../ui/values";

interface Alert {
  readonly alert_id: number | null;
  readonly ts: string;
  readonly known_at: string;
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
  readonly detail: Readonly<Record<string, unknown>> | null;
  readonly venue: string | null;
  readonly symbol: string | null;
  readonly reference: string | null;
  readonly delivery: string | null;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
}

export function severityTone(severity: string): Tone {
  return severity === "critical" ? "bad" : severity === "warning" ? "warn" : "none";
}

const SEVERITY: Readonly<Record<string, number>> = { critical: 2, warning: 1, info: 0 };

function keyOf(row: Alert): string {
  return `${row.ts} ${row.kind} ${row.venue} ${row.symbol} ${row.reference}`;
}

export function AlertList() {
  const alerts = useReading("alerts", { limit: 1_000 }, { every: 10_000 });
  useWake("alerts", {}, alerts);
  const [kind, setKind] = useState("");
  const [openOnly, setOpenOnly] = useState(false);
  const [chosen, setChosen] = useState<Alert | null>(null);
  const [seen, setSeen] = useState<ReadonlyMap<number, string>>(new Map());
  const [refused, setRefused] = useState<string | null>(null);
  const acknowledge = async (alert: Alert) => {
    if (alert.alert_id === null) return;
    try {
      await send("POST", `/api/v1/alerts/${alert.alert_id}/acknowledgement`, {});
      setSeen((before) => new Map(before).set(alert.alert_id ?? 0, new Date().toISOString()));
      setRefused(null);
    } catch (error) {
      setRefused((error as Error).message);
    }
  };
  const all = alerts.data ? rowsOf<Alert>(alerts.data).map((row) => withSeen(row, seen)) : [];
  const kinds = [...new Set(all.map((row) => row.kind))].sort();
  const rows = all.filter((row) => (!kind || row.kind === kind) && (!openOnly || !row.acknowledged_at));
  return (
    <div class="alerts">
      <Panel
        title="Alerts"
        note={`newest ${format.count(all.length)}`}
        actions={
          <>
            <label class="check">
              <input type="checkbox" checked={openOnly} onChange={(event) => setOpenOnly(event.currentTarget.checked)} /> not acknowledged
            </label>
            <select class="select" aria-label="Kind" value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
              <option value="">all kinds</option>
              {kinds.map((each) => (
                <option key={each} value={each}>
                  {format.words(each)}
                </option>
              ))}
            </select>
          </>
        }
        footer={refused ? <span class="refused" role="alert">{refused}</span> : undefined}
      >
        <Loaded of={alerts} rows={10} emptyTitle="No alert yet" empty="Walls, sweeps, imbalances, strong signals and your own rules would stand here.">
          {() => (
            <DataTable
              label="Alerts"
              columns={columnsOf(acknowledge)}
              rows={rows}
              rowKey={keyOf}
              initialSort={{ key: "age", descending: true }}
              open={setChosen}
              height="calc(100dvh - 14rem)"
            />
          )}
        </Loaded>
      </Panel>
      {chosen ? <Detail alert={withSeen(chosen, seen)} close={() => setChosen(null)} acknowledge={acknowledge} /> : null}
    </div>
  );
}

function withSeen(row: Alert, seen: ReadonlyMap<number, string>): Alert {
  const at = row.alert_id === null ? undefined : seen.get(row.alert_id);
  return at && !row.acknowledged_at ? { ...row, acknowledged_at: at } : row;
}

function columnsOf(acknowledge: (alert: Alert) => Promise<void>): Column<Alert>[] {
  return [
    {
      key: "severity", title: "Severity", width: 5.25, narrowWidth: 5.5, sort: (row) => SEVERITY[row.severity] ?? 0,
      render: (row) => <Badge tone={severityTone(row.severity)}>{row.severity}</Badge>,
    },
    { key: "age", title: "When", width: 5.5, narrowWidth: 5.5, about: "When it was known", sort: (row) => Date.parse(row.known_at), render: (row) => <Age value={row.known_at} /> },
    { key: "title", title: "What", width: 33, narrowWidth: 18, render: (row) => <span title={row.title}>{row.title}</span> },
    { key: "kind", title: "Kind", width: 7.5, sort: (row) => row.kind, render: (row) => format.words(row.kind) },
    { key: "symbol", title: "Symbol", width: 13, sort: (row) => row.symbol, render: (row) => <span>{row.symbol ?? ""} <span class="dim">{row.venue ?? ""}</span></span> },
    { key: "delivery", title: "Sent", width: 5.5, about: "Whether it reached somebody", sort: (row) => row.delivery, render: (row) => (row.delivery ? <Badge tone={row.delivery === "delivered" ? "good" : row.delivery === "failed" ? "bad" : "none"}>{row.delivery}</Badge> : <span class="dim" title="Sent nowhere, or not settled yet">{format.UNKNOWN}</span>) },
    {
      key: "seen", title: "Acknowledged", width: 8, sort: (row) => (row.acknowledged_at ? 1 : 0),
      render: (row) => <Acknowledged alert={row} acknowledge={acknowledge} />,
    },
  ];
}

function Acknowledged({ alert, acknowledge }: { readonly alert: Alert; readonly acknowledge: (alert: Alert) => Promise<void> }) {
  if (alert.acknowledged_at) {
    return <span class="mark good" title={`${alert.acknowledged_by ?? "here"}, ${format.fullTime(alert.acknowledged_at)}`}>✓ {format.age(alert.acknowledged_at, now.value)}</span>;
  }
  if (alert.alert_id == null) return <span class="dim">{format.UNKNOWN}</span>;
  return (
    <button type="button" class="button small" onClick={() => void acknowledge(alert)}>
      Acknowledge
    </button>
  );
}

function Detail({ alert, close, acknowledge }: { readonly alert: Alert; readonly close: () => void; readonly acknowledge: (alert: Alert) => Promise<void> }) {
  const figures = Object.entries(alert.detail ?? {});
  return (
    <Panel
      title={format.title(alert.kind)}
      actions={
        <button type="button" class="button quiet" onClick={close}>
          Close
        </button>
      }
      padded
    >
      <div class="detail">
        <p>
          <Badge tone={severityTone(alert.severity)}>{alert.severity}</Badge> {alert.title}
        </p>
        <dl>
          <dt>Happened</dt>
          <dd>{format.fullTime(alert.ts)}</dd>
          <dt>Known</dt>
          <dd>{format.fullTime(alert.known_at)}</dd>
          {figures.map(([name, value]) => (
            <>
              <dt key={name}>{format.words(name)}</dt>
              <dd>{shown(value)}</dd>
            </>
          ))}
        </dl>
        <div class="row">
          <Acknowledged alert={alert} acknowledge={acknowledge} />
          {alert.symbol && alert.venue ? (
            <a class="button" href={hrefOf("chart", { symbol: alert.symbol, venue: alert.venue })}>
              Chart
            </a>
          ) : null}
        </div>
      </div>
    </Panel>
  );
}

function shown(value: unknown): string {
  if (typeof value === "number") return format.number(value, 8);
  if (value === null || value === undefined) return format.UNKNOWN;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
