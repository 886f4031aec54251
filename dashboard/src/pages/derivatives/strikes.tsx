import { useWidth } from "../../charts/use_width";
import { compact, price } from "../../ui/format";
import type { Strike } from "./model";

interface Props {
  readonly strikes: readonly Strike[];
  /** Price of the coin and max pain, in dollars; null where not known. */
  readonly price: number | null;
  readonly maxPain: number | null;
  readonly coin: string;
}

const HEIGHT = 250;
const FOOT = 18;
const TOP = 16;

/** Calls upwards, puts downwards, by strike; the price and max pain as lines through them. */
export function StrikesChart({ strikes, price: spot, maxPain, coin }: Props) {
  const { place, width } = useWidth();
  const most = Math.max(...strikes.map((each) => Math.max(each.calls, each.puts)), 1e-9);
  const slot = width / Math.max(1, strikes.length);
  const middle = TOP + (HEIGHT - FOOT - TOP) / 2;
  const reach = (HEIGHT - FOOT - TOP) / 2 - 2;
  const every = Math.max(1, Math.ceil(64 / Math.max(slot, 1)));
  return (
    <div class="strikes" ref={place}>
      <svg height={HEIGHT} viewBox={`0 0 ${Math.max(width, 1)} ${HEIGHT}`} role="img" aria-label="Open interest by strike">
        {strikes.map((each, at) => (
          <g key={each.strike}>
            <title>{`Strike ${price(each.strike)} USD: calls ${compact(each.calls)} ${coin}, puts ${compact(each.puts)} ${coin}`}</title>
            <rect x={at * slot} y={0} width={slot} height={HEIGHT - FOOT} fill="transparent" />
            <rect class="call" x={at * slot + 1} width={Math.max(1, slot - 2)} y={middle - (each.calls / most) * reach} height={(each.calls / most) * reach} />
            <rect class="put" x={at * slot + 1} width={Math.max(1, slot - 2)} y={middle} height={(each.puts / most) * reach} />
            {at % every === 0 ? (
              <text x={at * slot + slot / 2} y={HEIGHT - 4} text-anchor={at === 0 ? "start" : "middle"}>
                {compact(each.strike)}
              </text>
            ) : null}
          </g>
        ))}
        <line class="axis" x1={0} x2={width} y1={middle} y2={middle} />
        <text x={4} y={TOP - 4}>{`calls, up to ${compact(most)} ${coin}`}</text>
        <text x={4} y={HEIGHT - FOOT - 4}>puts</text>
        <Mark at={placeOf(strikes, spot)} slot={slot} width={width} words={spot === null ? "" : `price ${price(spot)}`} colour="var(--ink)" row={0} />
        <Mark at={placeOf(strikes, maxPain)} slot={slot} width={width} words={maxPain === null ? "" : `max pain ${price(maxPain)}`} colour="var(--accent)" row={1} />
      </svg>
    </div>
  );
}

/** Where a price lies among strikes, in places; null beyond them. */
export function placeOf(strikes: readonly Strike[], at: number | null): number | null {
  if (at === null || strikes.length === 0) return null;
  const next = strikes.findIndex((each) => each.strike >= at);
  if (next < 0 || (next === 0 && at < (strikes[0]?.strike ?? 0))) return null;
  const [left, right] = [strikes[next - 1]?.strike, strikes[next]?.strike ?? at];
  return left === undefined ? 0.5 : next - 1 + (at - left) / (right - left) + 0.5;
}

interface MarkProps {
  readonly at: number | null;
  readonly slot: number;
  readonly width: number;
  readonly words: string;
  readonly colour: string;
  readonly row: number;
}

function Mark({ at, slot, width, words, colour, row }: MarkProps) {
  if (at === null) return null;
  const x = at * slot;
  const right = x > width - 130;
  return (
    <g>
      <line class="mark" x1={x} x2={x} y1={TOP} y2={HEIGHT - FOOT} style={{ stroke: colour }} />
      <text x={right ? x - 5 : x + 5} y={TOP + 10 + row * 14} text-anchor={right ? "end" : "start"} style={{ fill: colour, fontWeight: 600 }}>
        {words}
      </text>
    </g>
  );
}
