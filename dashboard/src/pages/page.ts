import type { ComponentType } from "preact";

/** One page of the terminal. */
export interface Page {
  /** Its address after `#/`, without parameters. */
  readonly path: string;
  readonly title: string;
  /** The key that goes there after `g`. */
  readonly key: string;
  /** By `lazily(() => import("./view"))`, so that each page is a chunk of its own. */
  readonly View: ComponentType;
  /** It shows one symbol (parameters `symbol`, `venue`): the search stays on it, and it takes the symbol along. */
  readonly bySymbol?: boolean;
}
