import { useState } from "preact/hooks";
import { rowsOf } from "../../api/client";
import { useReading } from "../../api/reading";
import { fullTime } from "../../ui/format";
import { ExternalLink, Panel, Tabs } from "../../ui/parts";
import { Loaded } from "../../ui/states";
import { Age } from "../../ui/values";
import { type Mood, moodOf, safeAddress } from "./model";

interface Text {
  readonly text_id: number;
  readonly ts: string;
  readonly published: string | null;
  readonly source: string;
  readonly url: string | null;
  readonly title: string | null;
  readonly coins: readonly string[] | null;
  readonly score: number | null;
  readonly score_confidence: number | null;
  readonly model: string | null;
}

interface Story {
  readonly cluster_id: number;
  readonly first_seen: string;
  readonly title: string | null;
  readonly url: string | null;
  readonly source: string;
  readonly texts: number;
  readonly outlets: number;
  readonly coins: readonly string[] | null;
}

const MARKS: Readonly<Record<Mood, string>> = { good: "▲", bad: "▼", neutral: "●", unknown: "?" };
const SAID: Readonly<Record<Mood, string>> = { good: "good", bad: "bad", neutral: "neither", unknown: "not scored" };
const KINDS = [
  { name: "news", title: "Newest" },
  { name: "stories", title: "Most told" },
] as const;

/** What was said of a coin: titles as text, never as HTML, and links that tell nobody where one comes from. */
export function News({ coin }: { readonly coin: string }) {
  const [kind, choose] = useState<(typeof KINDS)[number]["name"]>("news");
  const news = useReading(kind === "news" ? "news" : null, { coin, is_first: true, limit: 60 }, { every: 30_000 });
  const stories = useReading(kind === "stories" ? "news/stories" : null, { limit: 500 }, { every: 60_000 });
  return (
    <Panel
      title="News"
      span={5}
      note={kind === "news" ? `about ${coin}, each story once` : `about ${coin}, by number of outlets`}
      actions={<Tabs label="News" tabs={KINDS} chosen={kind} choose={choose} />}
    >
      <div class="news">
        {kind === "news" ? (
          <Loaded of={news} rows={8} emptyTitle={`Nothing was said about ${coin}`}>
            {(data) => rowsOf<Text>(data).sort(byAge).map((text) => <Item key={text.text_id} text={text} />)}
          </Loaded>
        ) : (
          <Loaded of={stories} rows={8} emptyTitle="No stories">
            {(data) =>
              rowsOf<Story>(data)
                .filter((story) => story.coins?.includes(coin))
                .sort((a, b) => b.outlets - a.outlets || b.texts - a.texts)
                .slice(0, 40)
                .map((story) => <StoryItem key={story.cluster_id} story={story} />)
            }
          </Loaded>
        )}
      </div>
    </Panel>
  );
}

/** Youngest first by publication: many are first seen at once when a source is asked for the first time. */
function byAge(a: Text, b: Text): number {
  return Date.parse(b.published ?? b.ts) - Date.parse(a.published ?? a.ts);
}

function Title({ url, title }: { readonly url: string | null; readonly title: string | null }) {
  const address = safeAddress(url);
  const text = title ?? "(its title is not kept)";
  return address === null ? <span>{text}</span> : <ExternalLink href={address}>{text}</ExternalLink>;
}

function Item({ text }: { readonly text: Text }) {
  const mood = moodOf(text.score);
  const score = text.score === null ? "no model could score it" : `score ${text.score.toFixed(2).replace("-", "−")} of −1 to 1 by ${text.model ?? "?"}`;
  const sure = text.score_confidence === null ? "" : `, right in ${Math.round(text.score_confidence * 100)} % of such cases`;
  return (
    <article class={`news-item ${mood}`}>
      <b title={`${score}${sure}`} aria-label={SAID[mood]}>
        {MARKS[mood]} <span>{text.score === null ? SAID[mood] : text.score.toFixed(2).replace("-", "−")}</span>
      </b>
      <div>
        <Title url={text.url} title={text.title} />
        <p class="dim">
          {text.source} · <span title={`Published ${fullTime(text.published)}; seen here ${fullTime(text.ts)}`}><Age value={text.published ?? text.ts} /></span>
          {text.coins && text.coins.length > 0 ? ` · ${text.coins.join(", ")}` : ""}
        </p>
      </div>
    </article>
  );
}

function StoryItem({ story }: { readonly story: Story }) {
  return (
    <article class="news-item">
      <b title={`${story.texts} articles of ${story.outlets} outlets`}>
        {story.outlets} <span>{story.outlets === 1 ? "outlet" : "outlets"}</span>
      </b>
      <div>
        <Title url={story.url} title={story.title} />
        <p class="dim">
          first {story.source} · <Age value={story.first_seen} /> · {story.texts} {story.texts === 1 ? "article" : "articles"}
        </p>
      </div>
    </article>
  );
}
