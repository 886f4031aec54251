/** The best levels of both sides, with what is waiting up to each. */
import { now } from "../../ui/clock";
import { age, clock, compact, decimalsFor, millisecondsOf, number, price } from "../../ui/format";
import { Badge, Panel } from "../../ui/parts";
import { Empty, Failure, Loading, StaleBar } from "../../ui/states";
import { cumulated } from "./grid";
import type { Level } from "./rows";
import type { BookState } from "./state";
import type { Followed } from "./use_book";

const LEVELS = 14;
/** States come several times a second where a market moves (ours). */
const OLD = 10_000;

export function Ladder({ state, of, unit }: { readonly state: BookState; readonly of: Followed; readonly unit: string }) {
  const quote = state.symbol.split(":")[0]?.split("/")[1] ?? "";
  const at = millisecondsOf(of.book?.ts);
  const old = at !== null && now.value - at > OLD;
  const note =
    at === null ? undefined : (
      <>
        {clock(at)} UTC, {of.by === "stream" ? "live" : "asked each second"}
        {old ? <Badge tone="warn" title="No newer state was proven: the market is quiet, or its book is not followed">{age(at, now.value)} old</Badge> : null}
      </>
    );
  return (
    <Panel span={4} title="Ladder" note={note} footer={<span title={of.reason}>{of.by === "stream" ? "Told by the stream, four times a second at most." : `Asked, as the stream does not tell: ${of.reason}.`}</span>}>
      {of.by === "polling" && of.asked.state === "stale" ? <StaleBar of={of.asked} /> : null}
      {of.book === null || of.book.bids.length + of.book.asks.length === 0 ? (
        of.asked.state === "failed" ? (
          <Failure of={of.asked} />
        ) : of.asked.state === "loading" ? (
          <Loading rows={12} label="Loading the book" />
        ) : (
          <Empty title="No book">None was stored in the last day: is the symbol tracked?</Empty>
        )
      ) : (
        <table class={`ladder${of.asked.state === "stale" ? " aged" : ""}`}>
          <thead>
            <tr>
              <th scope="col">Price <span class="unit">{quote}</span></th>
              <th scope="col">Size <span class="unit">{unit}</span></th>
              <th scope="col">Total <span class="unit">{unit}</span></th>
            </tr>
          </thead>
          <Side levels={of.book.asks.slice(0, LEVELS)} side="ask" digits={digitsOf(of.book.mid)} />
          <tbody>
            <tr class="middle">
              <td colSpan={3}>
                <strong title="(best bid + best ask) / 2">{price(of.book.mid, digitsOf(of.book.mid))}</strong> mid, spread {number(of.book.spreadBps, 3)} bp
              </td>
            </tr>
          </tbody>
          <Side levels={of.book.bids.slice(0, LEVELS)} side="bid" digits={digitsOf(of.book.mid)} />
        </table>
      )}
    </Panel>
  );
}

function digitsOf(mid: number | null): number {
  return mid === null ? 6 : Math.max(6, Math.floor(Math.log10(mid)) + 3);
}

function Side({ levels, side, digits }: { readonly levels: readonly Level[]; readonly side: "bid" | "ask"; readonly digits: number }) {
  const totals = cumulated(levels.map((level) => level.size));
  const most = totals[totals.length - 1] ?? 1;
  const rows = levels.map((level, at) => ({ ...level, total: totals[at] ?? 0 }));
  if (side === "ask") rows.reverse();
  return (
    <tbody class={side}>
      {rows.map((row) => (
        <tr key={row.price} style={{ "--part": `${(100 * row.total) / most}%` }}>
          <td class={side === "bid" ? "up" : "down"}>{price(row.price, Math.max(digits, decimalsFor(row.price)))}</td>
          <td title={String(row.size)}>{compact(row.size)}</td>
          <td title={`${row.total}, up to and with this level`}>{compact(row.total)}</td>
        </tr>
      ))}
    </tbody>
  );
}
