/** The picture of one signal or pattern, as the API draws it for everybody, in this page's colours. */
import { useEffect, useRef, useState } from "preact/hooks";
import { fetchText } from "../api/client";
import { useGet } from "../api/reading";
import "./one_picture.css";
import { Failure, Loaded, Loading } from "./states";

interface Study {
  readonly id: string;
  readonly name: string;
  readonly facts: readonly (readonly [string, string])[];
  readonly reasons: readonly string[];
  readonly became: string;
}

/** What names a signal for ever: the rule of `bar_id` in the database. Times are RFC 3339 in UTC. */
export function signalId(row: { readonly venue: string; readonly symbol: string; readonly timeframe: string; readonly ts: string }): string {
  return `${row.venue}/${row.symbol.replace("/", "-")}/${row.timeframe}/${new Date(Date.parse(row.ts)).toISOString().slice(0, 16)}Z`;
}

export function OnePicture({ what, id }: { readonly what: "signal" | "pattern"; readonly id: string }) {
  const address = `/api/v1/draw/${what}/${id}`;
  const told = useGet<{ readonly study: Study }>(address);
  const [svg, setSvg] = useState<{ readonly of: string; readonly text: string } | null>(null);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const running = new AbortController();
    fetchText(address, { format: "svg" }, running.signal).then(
      (text) => setSvg({ of: address, text }),
      () => undefined, // what is wrong is told by the question for its words
    );
    return () => running.abort();
  }, [address]);
  useEffect(() => {
    if (place.current === null) return;
    place.current.replaceChildren(...(svg?.of === address ? drawingOf(svg.text) : []));
    place.current.scrollLeft = place.current.scrollWidth; // what became of it is at the right
  }, [svg, address]);
  if (told.data === null && told.state === "failed") return <Failure of={told} />;
  return (
    <>
      <div class="one-picture" ref={place} />
      {svg?.of === address ? null : <Loading rows={6} label="Drawing" />}
      <Loaded of={told} rows={2}>
        {({ study }) => (
          <div class="became-words">
            <strong>{study.became}</strong>
            <span class="dim">{study.facts.map(([name, value]) => `${name.replaceAll("_", " ")} ${value}`).join(" · ")}</span>
            {study.reasons.length > 0 ? <span>Because of {study.reasons.join("; ")}</span> : null}
          </div>
        )}
      </Loaded>
    </>
  );
}

/** The drawing without the colours that it has for files: here the page's own count. */
export function drawingOf(text: string): Element[] {
  const drawn = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
  if (drawn.nodeName !== "svg") return [];
  for (const each of drawn.querySelectorAll("style, script")) each.remove();
  return [document.importNode(drawn, true)];
}
