import { rowsOf } from "../../api/client";
import { useNamed } from "../../api/named";
import { useReading } from "../../api/reading";
import { useWake } from "../../live/wake";
import { now } from "../../ui/clock";
import * as format from "../../ui/format";
import { Badge, Panel, type Tone } from "../../ui/parts";
import { hrefOf } from "../../ui/router";
import { signalId } from "../../ui/one_picture";
import { Loaded } from "../../ui/states";
import { Price } from "../../ui/values";
import { SymbolName } from "../market/columns";
import { type Grade, gradesOf, gradeTone, rankOf } from "./grades";
import { placeOf, sideOf, tell, type Reasons } from "./reasons";

export interface Signal {
  readonly venue: string;
  readonly symbol: string;
  readonly timeframe: string;
  readonly ts: string;
  readonly known_at: string;
  readonly signal: string;
  readonly score: number;
  readonly confidence: number | null;
  readonly run: number;
  readonly entry: number;
  readonly stop: number | null;
  readonly target: number | null;
  readonly reward_risk: number | null;
  readonly expires_at: string | null;
  readonly reasons: Reasons | null;
}

const FIELDS = "venue,symbol,timeframe,ts,known_at,signal,score,confidence,run,entry,stop,target,reward_risk,expires_at,reasons";

export function SignalsNow() {
  const signals = useReading("signals/now", { fields: FIELDS, limit: 500 }, { every: 10_000 });
  useWake("signals", {}, signals);
  const start = new Date(Math.floor(now.value / 3_600_000) * 3_600_000 - 60 * 86_400_000).toISOString();
  const graded = useNamed("signal_grades", { start, limit: 5_000 }, { every: 10_000 });
  const grades = gradesOf(graded.resource.data);
  return (
    <Loaded
      of={signals}
      emptyTitle="No signal stands"
      empty="A signal stands from the close of its bar until it expires or a newer one takes its place. Neutral ones are not shown."
    >
      {(answer) => (
        <div class="signals">
          {rowsOf<Signal>(answer)
            .sort((a, b) => rankOf(b, grades.get(signalId(b))) - rankOf(a, grades.get(signalId(a))))
            .map((signal) => (
              <Card key={`${signal.venue} ${signal.symbol} ${signal.timeframe} ${signal.ts}`} signal={signal} grade={grades.get(signalId(signal)) ?? null} there={graded.there} />
            ))}
        </div>
      )}
    </Loaded>
  );
}

function toneOf(signal: Signal): Tone {
  return sideOf(signal.signal);
}

function Card({ signal, grade, there }: { readonly signal: Signal; readonly grade: Grade | null; readonly there: boolean | null }) {
  const told = tell(signal.reasons, signal.signal);
  const tone = toneOf(signal);
  const left = signal.expires_at === null ? null : Date.parse(signal.expires_at) - now.value;
  return (
    <Panel
      title={
        <a class="card-title" href={hrefOf("chart", { symbol: signal.symbol, venue: signal.venue, timeframe: signal.timeframe })}>
          <SymbolName symbol={signal.symbol} venue={signal.venue} kind={null} />
        </a>
      }
      actions={
        <>
          <span class="dim">{signal.timeframe}</span>
          <Badge tone={tone}>
            {tone === "up" ? "▲" : "▼"} {format.words(signal.signal)}
          </Badge>
          {grade?.grade ? (
            <Badge tone={gradeTone(grade.grade)} title={grade.in_words ?? ""}>
              {grade.grade}
            </Badge>
          ) : null}
        </>
      }
      footer={
        <span class="ends">
          <span title={`Known ${format.fullTime(signal.known_at)}`}>{format.age(signal.known_at, now.value)} old</span>
          <a class="link" href={hrefOf("evidence", { id: signalId(signal) })}>
            picture
          </a>
          <span title={`Expires ${format.fullTime(signal.expires_at)}`}>{left === null ? "" : left > 0 ? `${format.duration(left)} left` : "over"}</span>
        </span>
      }
      padded
    >
      <div class="scores">
        <Meter name="Score" value={signal.score} most={100} tone={tone} detail="net votes times confidence, −100 to 100" />
        <Meter name="Confidence" value={signal.confidence} most={100} tone="accent" detail="mean confidence of the winning patterns, 0 to 100" />
      </div>
      <Probability of={grade} there={there} />
      {signal.stop !== null && signal.target !== null ? <Plan signal={signal} stop={signal.stop} target={signal.target} /> : null}
      <p class="because">
        <b>For it:</b> {told.forIt || "nothing that counts"}.{" "}
        {told.against ? (
          <>
            <b>Against:</b> {told.against}.{" "}
          </>
        ) : null}
        {told.overruled ? (
          <span class="dim">
            <b>Overruled:</b> {told.overruled}.
          </span>
        ) : null}
      </p>
    </Panel>
  );
}

/** The one number that signals are graded by, with its interval and what it has to exceed; in words where there is none. */
function Probability({ of, there }: { readonly of: Grade | null; readonly there: boolean | null }) {
  if (of === null || of.probability === null) {
    const why = there === false ? "this API tells none" : "nothing is known of its evidence";
    return <p class="probability dim">Probability after costs: not known, {why}.</p>;
  }
  return (
    <p class="probability" title={`${of.in_words ?? ""} Model ${of.model_version ?? "not named"}, ${of.horizon ?? "?"} bars`}>
      <span class="dim">Right after costs</span> <strong>{format.share(of.probability, 1)}</strong>{" "}
      <span class="dim">
        ({format.share(of.probability_low, 1)} to {format.share(of.probability_high, 1)}); pays from {format.share(of.break_even, 1)}
      </span>
    </p>
  );
}

function Meter({ name, value, most, tone, detail }: { readonly name: string; readonly value: number | null; readonly most: number; readonly tone: Tone; readonly detail: string }) {
  const part = value === null ? 0 : Math.min(1, Math.abs(value) / most);
  return (
    <div class="meter" title={`${name}: ${detail}`}>
      <span class="dim">{name}</span>
      <strong>{value === null ? format.UNKNOWN : format.price(value, 3)}</strong>
      <span class="track" aria-hidden="true">
        <i class={tone} style={{ width: `${part * 100}%` }} />
      </span>
    </div>
  );
}

/** Stop, entry and target on one line, to scale. */
function Plan({ signal, stop, target }: { readonly signal: Signal; readonly stop: number; readonly target: number }) {
  const at = placeOf(signal.entry, stop, target) * 100;
  const reward = signal.reward_risk === null ? format.UNKNOWN : format.price(signal.reward_risk, 2);
  return (
    <div class="plan" title={`Reward over risk ${reward}`}>
      <div class="line" aria-hidden="true">
        <i class="risk" style={{ width: `${at}%` }} />
        <i class="reward" style={{ width: `${100 - at}%` }} />
        <i class="entry" style={{ left: `${at}%` }} />
      </div>
      <dl style={{ gridTemplateColumns: `${Math.min(60, Math.max(26, at))}% 1fr auto` }}>
        <div>
          <dt>Stop</dt>
          <dd>
            <Price value={stop} of="Stop" />
          </dd>
        </div>
        <div>
          <dt>Entry</dt>
          <dd>
            <Price value={signal.entry} of="Entry: close of the bar" at={signal.known_at} />
          </dd>
        </div>
        <div>
          <dt>Target · {reward} R</dt>
          <dd>
            <Price value={target} of="Target" />
          </dd>
        </div>
      </dl>
    </div>
  );
}
