import { useMemo } from "preact/hooks";
import { rowsOf } from "../../api/client";
import { useReading } from "../../api/reading";
import "../../charts/charts.css";
import { HeatGrid } from "../../charts/heat_grid";
import { pointsOf } from "../../charts/points";
import { TimeChart } from "../../charts/time_chart";
import { now } from "../../ui/clock";
import { count, duration, fullTime, price, UNKNOWN, words } from "../../ui/format";
import { BigFigure, Figures, PageHead, Panel, Tabs } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { Loaded } from "../../ui/states";
import { Time } from "../../ui/values";
import { Dominance, FearGreed, MarketMetrics } from "./market";
import { type Correlation, correlationGrid, isTold } from "./model";
import { News } from "./news";
import "./sentiment.css";

const MINUTE = 60_000;

interface Now {
  readonly venue: string;
  readonly symbol: string;
  readonly coin: string;
  readonly known_at: string | null;
  readonly model: string | null;
  readonly score: number | null;
  readonly change_24h: number | null;
  readonly zscore: number | null;
  readonly disagreement: number | null;
  readonly stories_24h: number | null;
  readonly sources_24h: number | null;
  readonly newest_text_at: string | null;
  readonly market_score: number | null;
}

/** What is said of a coin beside its price, and how the market as a whole feels. */
export function View() {
  const { parameters } = route.value;
  const all = useReading("sentiment/now", {}, { every: MINUTE });
  const rows = all.data === null ? [] : rowsOf<Now>(all.data);
  const venue = parameters.get("venue");
  const chosen =
    rows.find((each) => each.symbol === parameters.get("symbol") && (venue === null || each.venue === venue)) ?? rows[0] ?? null;
  const coin = chosen?.coin ?? "BTC";
  return (
    <>
      <PageHead title="Sentiment" lead="What is said, beside price; a score is −1 (bad) to 1 (good), no text is no score">
        <select
          class="select"
          aria-label="Symbol and venue"
          value={chosen === null ? "" : `${chosen.venue} ${chosen.symbol}`}
          onChange={(event) => {
            const [to = "", symbol = ""] = event.currentTarget.value.split(" ");
            setParameters({ venue: to, symbol });
          }}
        >
          {rows.map((each) => (
            <option key={`${each.venue} ${each.symbol}`} value={`${each.venue} ${each.symbol}`}>
              {`${each.symbol} · ${each.venue}`}
            </option>
          ))}
        </select>
      </PageHead>
      <div class="grid">
        <Panel title={coin} span={12} note="over the last 24 hours" padded>
          <Loaded of={all} rows={2} emptyTitle="No symbol is tracked" empty="Sentiment is told of the coins of tracked symbols.">
            {() => <Headline row={chosen} />}
          </Loaded>
        </Panel>
        {chosen === null ? null : <Trend symbol={chosen.symbol} venue={chosen.venue} />}
        <News coin={coin} />
        <FearGreed />
        <Dominance />
        <Correlations />
        <MarketMetrics />
      </div>
    </>
  );
}

function score(value: number | null | undefined, places = 2): string {
  return typeof value === "number" ? `${value >= 0 ? "+" : "−"}${Math.abs(value).toFixed(places)}` : "not known";
}

function Headline({ row }: { readonly row: Now | null }) {
  const told = `${fullTime(row?.known_at)}, by ${row?.model ?? "no model"}`;
  return (
    <Figures>
      <BigFigure name="Sentiment" unit="−1 to 1"><span title={told}>{score(row?.score)}</span></BigFigure>
      <BigFigure name="Against 24 h before"><span title={told}>{score(row?.change_24h)}</span></BigFigure>
      <BigFigure name="Against 7 days" unit="standard deviations"><span title={told}>{score(row?.zscore, 1)}</span></BigFigure>
      <BigFigure name="Disagreement" unit="0 to 1"><span title="0: all stories take the same side; 1: half against half">{row?.disagreement?.toFixed(2) ?? "not known"}</span></BigFigure>
      <BigFigure name="Stories"><span title={told}>{count(row?.stories_24h)}</span></BigFigure>
      <BigFigure name="Sources"><span title={told}>{count(row?.sources_24h)}</span></BigFigure>
      <BigFigure name="The whole market" unit="−1 to 1"><span title="All texts, whoever they are about">{score(row?.market_score)}</span></BigFigure>
      <BigFigure name="Known (UTC)"><Time value={row?.known_at} /></BigFigure>
    </Figures>
  );
}

const RANGES = [
  { name: "3", title: "3 d" },
  { name: "7", title: "7 d" },
  { name: "30", title: "30 d" },
] as const;

function Trend({ symbol, venue }: { readonly symbol: string; readonly venue: string }) {
  const told = route.value.parameters.get("days");
  const days = RANGES.find((each) => each.name === told)?.name ?? "7";
  const hour = Math.floor(now.value / 3_600_000);
  const start = useMemo(() => `${new Date((hour - Number(days) * 24) * 3_600_000).toISOString().slice(0, 19)}Z`, [hour, days]);
  const hours = useReading("sentiment/price", { symbol, venue, start, limit: 2_000 }, { every: 5 * MINUTE });
  const quote = symbol.split("/", 2)[1]?.split(":", 1)[0] ?? "";
  const scored = hours.data?.columns["score"]?.some((value) => value !== null) ?? false;
  return (
    <Panel
      title="Sentiment with price"
      span={7}
      note={`score of 24 h (left, −1 to 1) and price (right, ${quote})`}
      actions={<Tabs label="Days" tabs={RANGES} chosen={days} choose={(name) => setParameters({ days: name })} />}
    >
      <Loaded of={hours} rows={7} emptyTitle="No hours of this symbol in this range">
        {(data) => (
          <>
            <TimeChart
              label={`Sentiment and price of ${symbol}`}
              height={250}
              series={[
                { id: "score", title: "Sentiment", unit: "of −1 to 1", points: pointsOf(data, "score"), axis: "left", tone: "accent", show: (value) => score(value) },
                { id: "price", title: "Price", unit: quote, points: pointsOf(data, "close"), tone: "neutral", show: (value) => price(value) },
              ]}
            />
            <TimeChart
              label="Stories of 24 hours"
              height={110}
              series={[{ id: "stories", title: "Stories of 24 h", unit: "stories", points: pointsOf(data, "stories"), form: "columns", tone: "muted", show: (value) => count(value) }]}
            />
            {scored ? null : <p class="note-line">No text about it was scored in this range: its sentiment is not known, which is not the same as neutral.</p>}
          </>
        )}
      </Loaded>
    </Panel>
  );
}

const SERIES = [
  { name: "level", title: "Level" },
  { name: "shift", title: "Shift" },
  { name: "spike", title: "Spike" },
] as const;
const AGAINST = [
  { name: "return", title: "Return" },
  { name: "volatility", title: "Volatility" },
] as const;
const LENGTHS = [
  { name: "30", title: "30 d" },
  { name: "90", title: "90 d" },
] as const;

function Correlations() {
  const { parameters } = route.value;
  const series = SERIES.find((each) => each.name === parameters.get("series"))?.name ?? "level";
  const against = AGAINST.find((each) => each.name === parameters.get("against"))?.name ?? "return";
  const length = LENGTHS.find((each) => each.name === parameters.get("window"))?.name ?? "30";
  const answer = useReading("sentiment/correlations", { series, against, days: Number(length), limit: 5_000 }, { every: 10 * MINUTE });
  const grid = useMemo(() => (answer.data === null ? null : correlationGrid(answer.data)), [answer.data]);
  return (
    <Panel
      title="Does it go with price?"
      span={8}
      note="correlation by lag in hours; above 0 h sentiment came first"
      actions={
        <>
          <Tabs label="Sentiment" tabs={SERIES} chosen={series} choose={(name) => setParameters({ series: name })} />
          <Tabs label="Against" tabs={AGAINST} chosen={against} choose={(name) => setParameters({ against: name })} />
          <Tabs label="Window" tabs={LENGTHS} chosen={length} choose={(name) => setParameters({ window: name })} />
        </>
      }
      footer="Grey: the 95 % interval holds 0, so that nothing is shown to be there. Many lags and symbols are looked at: one in twenty stands out by chance; the verdict takes that into account."
    >
      <Loaded of={answer} rows={5} emptyTitle="No correlations yet" empty="They are made once a day, from at least some weeks of scored hours.">
        {() =>
          grid === null ? null : (
            <HeatGrid
              label="Correlation of sentiment and price by symbol and lag"
              grid={grid}
              limit={0.5}
              valueOf={(cell) => cell.value}
              isVoid={(cell) => !isTold(cell)}
              columnTitle={(lag) => `${lag > 0 ? "+" : ""}${lag} h`}
              text={(cell) => score(cell.value)}
              words={(row, lag, cell) => wordsOf(row, lag, cell)}
              legend={["−0.5: opposite ways", "0", "+0.5: the same way"]}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}

function wordsOf(row: string, lag: number, cell: Correlation | null): string[] {
  const when = lag > 0 ? `sentiment ${duration(lag * 3_600_000)} before price` : lag < 0 ? `price ${duration(-lag * 3_600_000)} before sentiment` : "the same hour";
  if (cell === null) return [row, `${when}: not known, too few hours`];
  return [
    `${row}, ${when}`,
    `Correlation ${score(cell.value)}, 95 % interval ${score(cell.low)} to ${score(cell.high)}`,
    isTold(cell) ? "The interval leaves 0 out" : "The interval holds 0: not told from nothing",
    `${count(cell.pairs)} hours; q ${cell.q === null ? UNKNOWN : cell.q.toFixed(3)} after all trials`,
    `Verdict: ${words(cell.verdict)}`,
  ];
}
