import { useEffect, useRef, useState } from "preact/hooks";
import { Asker, type Resource } from "./asker";
import { ask, get, type Columns, type Question } from "./client";
import { keyVersion } from "./key";

export type { Resource } from "./asker";

export interface Options {
  /** Milliseconds between an answer and the next question; left out: asked once. */
  readonly every?: number;
}

const IDLE: Resource<never> = {
  state: "idle",
  data: null,
  at: null,
  error: null,
  retryAt: null,
  again: () => undefined,
};

/**
 * A reading of the API that stays fresh: `useReading("signals/now", {venue}, {every: 5_000})`.
 *
 * A changed question calls off the one under way and begins without data; the same one keeps what it has
 * while it asks again, and after a failure (`stale`). A path of null asks nothing.
 */
export function useReading(path: string | null, question: Question = {}, options: Options = {}): Resource<Columns> {
  return useQuestion(path, question, options, (signal) => ask(path ?? "", question, signal));
}

/** The same for an address that answers with something else than columns; `address` is whole: "/api/v1/status". */
export function useGet<Data>(address: string | null, question: Question = {}, options: Options = {}): Resource<Data> {
  return useQuestion(address, question, options, async (signal) => (await get(address ?? "", question, signal)) as Data);
}

function useQuestion<Data>(
  path: string | null,
  question: Question,
  options: Options,
  asked: (signal: AbortSignal) => Promise<Data>,
): Resource<Data> {
  const every = options.every ?? null;
  const key = path === null ? null : JSON.stringify([path, question, keyVersion.value]);
  const [told, tell] = useState<{ key: string | null; resource: Resource<Data> }>({ key: null, resource: IDLE });
  const newest = useRef(asked);
  newest.current = asked;
  useEffect(() => {
    if (key === null) return undefined;
    const asker = new Asker<Data>(
      (signal) => newest.current(signal),
      { every },
      (resource) => tell({ key, resource }),
    );
    asker.start();
    return () => asker.stop();
  }, [key, every]);
  if (key === null) return IDLE;
  // until the effect has run the answer at hand is to another question
  return told.key === key ? told.resource : { ...IDLE, state: "loading" };
}
