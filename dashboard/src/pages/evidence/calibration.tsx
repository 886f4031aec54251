/** Reliability of each score: share right by level, with intervals, random walks beside it, and a verdict. */
import { rowsOf } from "../../api/client";
import { useNamed } from "../../api/named";
import * as format from "../../ui/format";
import { Known } from "../../ui/known";
import { Badge, Panel, Tabs } from "../../ui/parts";
import { route, setParameters } from "../../ui/router";
import { Diagram } from "./diagram";
import { type Level, scoresOf, type Score } from "./model";

const FRAMES = ["1m", "5m", "15m", "1h", "4h", "1d"] as const;

export function Calibration() {
  const { parameters } = route.value;
  const timeframe = FRAMES.find((each) => each === parameters.get("timeframe")) ?? "15m";
  const named = useNamed("score_calibration", { timeframe, limit: 5_000 }, { every: 300_000 });
  const rows = named.resource.data ? rowsOf<Level>(named.resource.data) : [];
  const horizons = [...new Set(rows.map((row) => row.horizon))].sort((a, b) => a - b);
  const asked = Number(parameters.get("horizon") ?? "10");
  const horizon = horizons.includes(asked) ? asked : horizons[Math.floor(horizons.length / 2)];
  const shown = rows.filter((row) => row.horizon === horizon);
  return (
    <Panel
      title="Are higher scores right more often?"
      note="dot and line: share right with its 95 % interval; band: the same on random walks"
      actions={
        <>
          <Tabs label="Timeframe" tabs={FRAMES.map((name) => ({ name, title: name }))} chosen={timeframe} choose={(name) => setParameters({ timeframe: name })} />
          <select class="select" aria-label="Bars after the pattern" value={String(horizon ?? "")} onChange={(event) => setParameters({ horizon: event.currentTarget.value })}>
            {horizons.map((each) => (
              <option key={each} value={String(each)}>
                after {each} bars
              </option>
            ))}
          </select>
        </>
      }
      footer={rows[0] ? `Outcomes known until ${format.fullTime(rows[0].as_of)}; events of one bar and shape count once. These scores stay as they are specified; probability is what signals are graded by.` : undefined}
      padded
    >
      <Known of={named} rows={8} emptyTitle="No score was held against outcomes yet" empty="It is made each night from whole days, once outcomes of this timeframe are known.">
        {() => (
          <div class="diagrams">
            {scoresOf(shown).map((score) => (
              <ScoreView key={score.score} of={score} horizon={horizon ?? 0} />
            ))}
          </div>
        )}
      </Known>
    </Panel>
  );
}

function ScoreView({ of, horizon }: { readonly of: Score; readonly horizon: number }) {
  return (
    <figure class="score">
      <figcaption>
        <strong>{format.title(of.score)}</strong> <Badge tone={of.tone}>{of.verdict}</Badge>
      </figcaption>
      <Diagram steps={of.steps} label={`${format.title(of.score)}: share right after ${horizon} bars by level`} axis={`level of the ${of.score}, from low to high`} />
      <table class="table small">
        <thead>
          <tr>
            <th scope="col">Level</th>
            <th scope="col" class="right">Right</th>
            <th scope="col" class="right">Chance</th>
            <th scope="col" class="right">Clusters</th>
          </tr>
        </thead>
        <tbody>
          {of.steps.map((step) => (
            <tr key={step.name}>
              <td>{format.words(step.name)}</td>
              <td class="right" title={`${format.share(step.low, 1)} to ${format.share(step.high, 1)}`}>{format.share(step.right, 1)}</td>
              <td class="right">{format.share(step.chance, 1)}</td>
              <td class="right">{format.count(step.clusters)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {of.note ? <p class="dim">{of.note}</p> : null}
    </figure>
  );
}
