import { useGet } from "../../api/reading";
import { secondsOf } from "../../charts/timeframes";
import * as format from "../../ui/format";
import { Badge, Panel } from "../../ui/parts";
import { hrefOf, route, setParameters } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { type Alike, type AlikeFollowed, type AlikeMatch, smallOf } from "./alike";
import "./alike.css";
import type { ChartState } from "./state";

const WIDTH = 150;
const HEIGHT = 56;
const LENGTHS = [16, 32, 64] as const;

/** Earlier bars that look like those up to a moment, each with what followed, beside random windows. */
export function AlikePanel({ state, at }: { readonly state: ChartState; readonly at: string }) {
  const asked = Number(route.value.parameters.get("alike_bars"));
  const bars = LENGTHS.find((each) => each === asked) ?? 32;
  const found = useGet<Alike>("/api/v1/similar", { symbol: state.symbol, venue: state.venue, timeframe: state.timeframe, at, bars, matches: 20 });
  return (
    <div class="alike">
      <Panel
        title={`Bars that look like the ${bars} up to ${format.fullTime(at)}`}
        note="closes by their shape alone; nothing later than that is looked at"
        actions={
          <>
            <select class="select" aria-label="Bars of the window" value={String(bars)} onChange={(event) => setParameters({ alike_bars: event.currentTarget.value })}>
              {LENGTHS.map((each) => (
                <option key={each} value={String(each)}>
                  {each} bars
                </option>
              ))}
            </select>
            <button type="button" class="button quiet" onClick={() => setParameters({ alike: null, alike_bars: null })}>
              Close
            </button>
          </>
        }
        padded
      >
        <Loaded of={found} rows={6} isEmpty={(data) => data.matches.length === 0} emptyTitle="Nothing earlier to compare with" empty="No window before these bars is whole: the history is too short.">
          {(data) => <Found of={data} state={state} />}
        </Loaded>
      </Panel>
    </div>
  );
}

function Found({ of, state }: { readonly of: Alike; readonly state: ChartState }) {
  const slots = of.bars + Math.max(...of.horizons);
  return (
    <>
      <p class="alike-words">
        <Badge tone={of.verdict === "above chance" ? "accent" : of.verdict === "below chance" ? "warn" : "none"}>{of.verdict}</Badge> {of.in_words}{" "}
        <span class="dim">
          {format.count(of.windows)} windows compared{of.left_out > 0 ? `, ${format.count(of.left_out)} left out: bars are missing in them, or they are flat` : ""}.
        </span>
      </p>
      <div class="table-scroll">
        <table class="table" style={{ minWidth: "38rem" }} aria-label="What followed, beside random windows">
          <thead>
            <tr>
              <th scope="col">Within</th>
              <th scope="col" class="right" title="Matches at least a horizon apart: each is a stretch of its own">Counted</th>
              <th scope="col" class="right">Rose</th>
              <th scope="col" class="right">Random rose</th>
              <th scope="col" class="right">Mean, ATR</th>
              <th scope="col" class="right">Random, ATR</th>
              <th scope="col">Verdict</th>
            </tr>
          </thead>
          <tbody>
            {of.followed.map((each) => (
              <FollowedRow key={each.horizon} of={each} />
            ))}
          </tbody>
        </table>
      </div>
      <div class="alike-small">
        <figure class="own">
          <figcaption>
            <strong>these bars</strong>
            <span>{of.end.slice(5, 16).replace("T", " ")}</span>
          </figcaption>
          <SmallPath path={of.path} bars={of.bars} slots={slots} label="These bars" />
        </figure>
        {of.matches.map((match) => (
          <MatchView key={`${match.symbol} ${match.start}`} of={match} all={of} state={state} slots={slots} />
        ))}
      </div>
    </>
  );
}

function signed(value: number | null, places = 2): string {
  return value === null ? format.UNKNOWN : `${value > 0 ? "+" : value < 0 ? "−" : ""}${Math.abs(value).toFixed(places)}`;
}

function FollowedRow({ of }: { readonly of: AlikeFollowed }) {
  const between = (low: number | null, high: number | null, told: (value: number | null) => string) => (low === null ? format.UNKNOWN : `${told(low)} to ${told(high)}`);
  return (
    <tr>
      <td>{of.horizon} bars</td>
      <td class="right">{`${of.counted} of ${of.known}`}</td>
      <td class="right">{format.share(of.rose)}</td>
      <td class="right">{between(of.random_rose_low, of.random_rose_high, (each) => format.share(each))}</td>
      <td class="right">{signed(of.mean_atr)}</td>
      <td class="right">{between(of.random_low, of.random_high, (each) => signed(each))}</td>
      <td title={of.q === null ? "" : `q ${of.q.toFixed(2)} over all horizons`}>{of.verdict}</td>
    </tr>
  );
}

function MatchView({ of, all, state, slots }: { readonly of: AlikeMatch; readonly all: Alike; readonly state: ChartState; readonly slots: number }) {
  const place = all.horizons.indexOf(10);
  const after = of.returns_pct[place < 0 ? 0 : place] ?? null;
  const to = new Date(Date.parse(of.end) + 60 * secondsOf(state.timeframe) * 1_000).toISOString().slice(0, 19);
  const told = all.horizons.map((each, number) => `after ${each} bars ${signed(of.returns_pct[number] ?? null)} % (${signed(of.returns_atr[number] ?? null, 1)} ATR)`).join(", ");
  return (
    <figure title={`${of.symbol}, ${format.fullTime(of.start)} to ${format.fullTime(of.end)}: correlation ${of.correlation.toFixed(3)}; ${told}`}>
      <figcaption>
        <a class="link" href={hrefOf("chart", { symbol: of.symbol, venue: of.venue, timeframe: state.timeframe, to: `${to}Z`, bars: "160" })}>
          {of.end.slice(0, 16).replace("T", " ")}
        </a>
        <span>{of.correlation.toFixed(2)}</span>
      </figcaption>
      <SmallPath path={of.path} bars={all.bars} slots={slots} label={told} />
      <figcaption>
        <span>10 bars later</span>
        <strong class={after === null ? "" : after > 0 ? "up" : "down"}>{after === null ? "not known" : `${signed(after)} %`}</strong>
      </figcaption>
    </figure>
  );
}

function SmallPath({ path, bars, slots, label }: { readonly path: readonly number[]; readonly bars: number; readonly slots: number; readonly label: string }) {
  const small = smallOf(path, bars, slots, WIDTH, HEIGHT);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} height={HEIGHT} preserveAspectRatio="none" role="img" aria-label={label}>
      <line x1={small.edge} x2={small.edge} y1="0" y2={HEIGHT} />
      <polyline points={small.window} />
      <polyline class="after" points={small.after} />
    </svg>
  );
}
