import { rowsOf } from "../../api/client";
import { useReading } from "../../api/reading";
import { Calendar, lastDays, type CalendarRow } from "../../ui/calendar";
import { now } from "../../ui/clock";
import * as format from "../../ui/format";
import { Badge, Panel, Tabs } from "../../ui/parts";
import { go, route, setParameters } from "../../ui/router";
import { Empty, Loaded } from "../../ui/states";
import { DataTable, type Column } from "../../ui/table";
import { Time } from "../../ui/values";
import { SymbolName } from "../market/columns";
import { mean, minutesByDay, minutesLevel, qualityLevel, type Gap, type Quality } from "./judging";

const DAYS = 60;
const right = { align: "right" as const };

const GAPS: readonly Column<Gap>[] = [
  { key: "symbol", title: "Symbol", width: 12, narrowWidth: 8.75, pinned: true, sort: (row) => row.symbol, render: (row) => <SymbolName {...row} kind={null} /> },
  { key: "start", title: "From", unit: "UTC", width: 7, sort: (row) => Date.parse(row.gap_start), render: (row) => <Time value={row.gap_start} /> },
  { key: "end", title: "To", unit: "UTC", width: 7, sort: (row) => Date.parse(row.gap_end), render: (row) => <Time value={row.gap_end} /> },
  { ...right, key: "minutes", title: "Missing", unit: "min", width: 6, sort: (row) => row.minutes, render: (row) => format.count(row.minutes) },
  {
    key: "state", title: "State", width: 9, sort: (row) => row.state,
    render: (row) => <Badge tone={row.state === "repaired" ? "good" : row.state === "detected" ? "warn" : "none"}>{format.words(row.state)}</Badge>,
  },
  { key: "why", title: "Why, or from where it was repaired", width: 20, render: (row) => <span title={row.reason ?? ""}>{row.state === "repaired" ? `from ${row.repaired_from ?? "?"}` : (row.reason ?? "not known")}</span> },
  { ...right, key: "attempts", title: "Tries", width: 4.5, sort: (row) => row.attempts, render: (row) => format.count(row.attempts) },
  { key: "next", title: "Next try", width: 7, render: (row) => (row.next_attempt_at && Date.parse(row.next_attempt_at) > now.value ? <>in {format.duration(Date.parse(row.next_attempt_at) - now.value)}</> : row.state === "detected" ? "due" : "") },
];

type GapTab = "detected" | "all" | "calendar";

export function Gaps() {
  const shown = (route.value.parameters.get("gaps") ?? "detected") as GapTab;
  const gaps = useReading("gaps", shown === "detected" ? { state: "detected", limit: 5_000 } : { limit: 5_000 }, { every: 30_000 });
  return (
    <Panel
      title="Missing minutes"
      note="found, repaired from where, or shown to be the venue's"
      actions={
        <Tabs<GapTab>
          label="Gaps"
          tabs={[
            { name: "detected", title: "Open" },
            { name: "all", title: "All" },
            { name: "calendar", title: "Calendar" },
          ]}
          chosen={shown}
          choose={(name) => setParameters({ gaps: name === "detected" ? null : name })}
        />
      }
    >
      <Loaded
        of={gaps}
        rows={8}
        emptyTitle={shown === "detected" ? "No gap is open" : "No minute was ever missing"}
        empty={shown === "detected" ? "What was missing was repaired, or no venue has it." : "Each missing minute would stand here, with what became of it."}
      >
        {(answer) => {
          const rows = rowsOf<Gap>(answer);
          return shown === "calendar" ? (
            <GapCalendar rows={rows} />
          ) : (
            <DataTable
              label="Gaps"
              columns={GAPS}
              rows={rows}
              rowKey={(row) => `${row.venue} ${row.symbol} ${row.gap_start}`}
              initialSort={{ key: "start", descending: true }}
              open={(row) => go("chart", { symbol: row.symbol, venue: row.venue, at: row.gap_start })}
              height="calc(100dvh - 14rem)"
            />
          );
        }}
      </Loaded>
    </Panel>
  );
}

function GapCalendar({ rows }: { readonly rows: readonly Gap[] }) {
  const days = lastDays(now.value, DAYS);
  const lines: CalendarRow[] = [...minutesByDay(rows)].map(([name, minutes]) => ({
    name,
    days: new Map([...minutes].map(([day, value]) => [day, { value, text: `${format.count(value)} minutes were missing` }])),
  }));
  const known = lines.filter((line) => days.some((day) => line.days.has(day)));
  if (!known.length) return <Empty title={`No minute was missing in ${DAYS} days`} />;
  return (
    <div class="calendar-panel">
      <Calendar
        label="Minutes missing by day"
        rows={known}
        days={days}
        level={minutesLevel}
        missing="none missing"
        legend={[
          { level: 1, text: "below 5 min" },
          { level: 2, text: "5 to 30" },
          { level: 3, text: "30 to 120" },
          { level: 4, text: "2 to 12 h" },
          { level: 5, text: "12 h and more" },
        ]}
      />
    </div>
  );
}

type QualityTab = "symbol" | "venue";

export function QualityCalendar() {
  const by = (route.value.parameters.get("by") ?? "symbol") as QualityTab;
  const start = lastDays(now.value, DAYS)[0] ?? "";
  const quality = useReading("quality", { start: `${start}T00:00:00Z`, limit: 20_000, fields: "venue,symbol,day,score,completeness,expected,present,flagged,quarantined" }, { every: 300_000 });
  return (
    <Panel
      title="Quality by day"
      note={`last ${DAYS} days, UTC; completeness, validity, consistency, timeliness, agreement`}
      actions={
        <Tabs<QualityTab>
          label="By"
          tabs={[
            { name: "symbol", title: "By symbol" },
            { name: "venue", title: "By venue" },
          ]}
          chosen={by}
          choose={(name) => setParameters({ by: name === "symbol" ? null : name })}
        />
      }
    >
      <Loaded of={quality} rows={8} emptyTitle="No day was judged yet" empty="Each day's candles are judged once they are there.">
        {(answer) => (
          <div class="calendar-panel">
            <Calendar
              label="Quality by day"
              rows={qualityRows(rowsOf<Quality>(answer), by)}
              days={lastDays(now.value, DAYS)}
              level={qualityLevel}
              missing="not judged"
              legend={[
                { level: 1, text: "below 75" },
                { level: 2, text: "75 to 90" },
                { level: 3, text: "90 to 97" },
                { level: 4, text: "97 to 99.5" },
                { level: 5, text: "99.5 to 100" },
              ]}
            />
          </div>
        )}
      </Loaded>
    </Panel>
  );
}

function qualityRows(rows: readonly Quality[], by: QualityTab): CalendarRow[] {
  const groups = new Map<string, Map<string, Quality[]>>();
  for (const row of rows) {
    const name = by === "venue" ? row.venue : `${row.symbol} ${row.venue}`;
    const days = groups.get(name) ?? new Map<string, Quality[]>();
    days.set(row.day.slice(0, 10), [...(days.get(row.day.slice(0, 10)) ?? []), row]);
    groups.set(name, days);
  }
  return [...groups].sort(([a], [b]) => a.localeCompare(b)).map(([name, days]) => ({
    name,
    days: new Map([...days].map(([day, of]) => [day, { value: mean(of.map((each) => each.score)), text: textOf(of) }])),
  }));
}

function textOf(rows: readonly Quality[]): string {
  const sum = (name: "present" | "expected" | "flagged" | "quarantined") => rows.reduce((all, row) => all + (row[name] ?? 0), 0);
  return `${format.number(mean(rows.map((row) => row.score)), 4)} of 100; ${format.count(sum("present"))} of ${format.count(sum("expected"))} minutes, ${format.count(sum("flagged"))} flagged, ${format.count(sum("quarantined"))} in quarantine`;
}
