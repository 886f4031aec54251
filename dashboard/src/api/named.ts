/** Readings by name: an API that is older than this page may lack one, and the page says so instead of failing. */
import type { Resource } from "./asker";
import type { Columns, Question } from "./client";
import { useGet, useReading } from "./reading";

interface Catalogue {
  readonly readings: readonly { readonly name: string; readonly path: string }[];
}

export interface Named {
  /** Whether the API has the reading; null while that is not known. */
  readonly there: boolean | null;
  readonly name: string;
  readonly resource: Resource<Columns>;
}

/** Where a reading is, by the API's own catalogue; null where it has none of that name. */
export function pathOf(catalogue: Catalogue, name: string): string | null {
  return catalogue.readings.find((each) => each.name === name)?.path.replace(/^\/api\/v1\//, "") ?? null;
}

/** The reading of a name, once the catalogue says where it is. */
export function useNamed(name: string, question: Question = {}, options: { readonly every?: number } = {}): Named {
  const catalogue = useGet<Catalogue>("/api/v1/readings", {}, {});
  const path = catalogue.data === null ? null : pathOf(catalogue.data, name);
  const asked = useReading(path, question, options);
  if (catalogue.data === null) {
    const waiting = { ...asked, state: catalogue.state, error: catalogue.error, retryAt: catalogue.retryAt, again: catalogue.again };
    return { there: null, name, resource: waiting as Resource<Columns> };
  }
  return { there: path !== null, name, resource: asked };
}
