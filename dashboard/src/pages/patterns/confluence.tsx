import { rowsOf } from "../../api/client";
import { useReading } from "../../api/reading";
import { now } from "../../ui/clock";
import * as format from "../../ui/format";
import { Badge, Panel } from "../../ui/parts";
import { hrefOf } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { SymbolName } from "../market/columns";

interface Lean {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly known_at: string;
  readonly direction: string;
  readonly family: string;
  readonly pattern: string;
  readonly grade: string;
  readonly run: number;
  readonly overridden_by: string | null;
  readonly expires?: string;
}

export const FRAMES = ["1m", "5m", "15m", "1h", "4h", "1d", "1w"] as const;
const MINUTES: Readonly<Record<string, number>> = { "1m": 1, "5m": 5, "15m": 15, "1h": 60, "4h": 240, "1d": 1440, "1w": 10080 };
/** A lean of an older bar is no news (ours): so many bars of its timeframe. */
export const STANDS_FOR_BARS = 6;

/** The newest lean of each symbol and timeframe that is not too old for its timeframe; rows come newest first. */
export function matrixOf(rows: readonly Lean[], at: number): Map<string, Map<string, Lean>> {
  const found = new Map<string, Map<string, Lean>>();
  for (const row of rows) {
    const key = `${row.venue} ${row.symbol}`;
    const oldest = at - (MINUTES[row.timeframe] ?? 0) * 60_000 * STANDS_FOR_BARS;
    if (Date.parse(row.known_at) < oldest) continue;
    const mine = found.get(key) ?? new Map<string, Lean>();
    if (!mine.has(row.timeframe)) mine.set(row.timeframe, row);
    found.set(key, mine);
  }
  return found;
}

/** Symbols by timeframes: which way each leans, led by which pattern. */
export function Confluence() {
  const start = new Date(Math.floor(now.value / 3_600_000) * 3_600_000 - 48 * 3_600_000).toISOString();
  const fields = "venue,symbol,timeframe,ts,known_at,direction,family,pattern,grade,run,overridden_by";
  const leans = useReading("patterns/confluence", { start, fields, limit: 20_000, timeframe: "5m,15m,1h,4h,1d,1w" }, { every: 30_000 });
  return (
    <Panel title="Where timeframes lean" note={`newest lean of each, up to ${STANDS_FOR_BARS} bars old`}>
      <Loaded of={leans} emptyTitle="No timeframe leans" empty="A timeframe leans where a pattern that counts leads it.">
        {(answer) => <Matrix rows={rowsOf<Lean>(answer)} />}
      </Loaded>
    </Panel>
  );
}

function Matrix({ rows }: { readonly rows: readonly Lean[] }) {
  const matrix = matrixOf(rows, now.value);
  const symbols = [...matrix].sort(([, a], [, b]) => b.size - a.size);
  const frames = FRAMES.filter((each) => each !== "1m");
  return (
    <div class="table-scroll">
      <table class="table" style={{ minWidth: "24rem" }}>
        <thead>
          <tr>
            <th scope="col" style={{ width: "44%" }}>
              Symbol
            </th>
            {frames.map((frame) => (
              <th scope="col" key={frame}>
                {frame}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {symbols.map(([key, leans]) => {
            const [venue = "", symbol = ""] = key.split(" ");
            return (
              <tr key={key}>
                <td>
                  <a href={hrefOf("chart", { symbol, venue })}>
                    <SymbolName symbol={symbol} venue={venue} kind={null} />
                  </a>
                </td>
                {frames.map((frame) => (
                  <td key={frame}>
                    <Cell lean={leans.get(frame)} />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ lean }: { readonly lean: Lean | undefined }) {
  if (!lean) return <span class="dim">·</span>;
  const way = lean.direction === "bullish" ? "up" : "down";
  const over = lean.overridden_by ? `; overruled by ${lean.overridden_by}` : "";
  return (
    <Badge tone={lean.overridden_by ? "none" : way} title={`${lean.direction} by ${format.words(lean.pattern)}, ${lean.grade}, ${lean.run} timeframes in a row${over}; ${format.fullTime(lean.known_at)}`}>
      {way === "up" ? "▲" : "▼"}
      {lean.grade === "strong" ? "3+" : lean.grade === "medium" ? "2" : ""}
    </Badge>
  );
}
