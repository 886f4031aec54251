import type { ComponentType } from "preact";

/** One page of the terminal. */
export interface Page {
  /** Its address after `#/`, without parameters. */
  readonly path: string;
  readonly title: string;
  /** The key that goes there after `g`. */
  readonly key: string;
  readonly View: ComponentType;
}
