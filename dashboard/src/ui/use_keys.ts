import { useEffect } from "preact/hooks";
import { keys, type Shortcut } from "./keys";

/** Shortcuts of a page, for as long as it is shown; they stand in the help too. */
export function useKeys(shortcuts: readonly Shortcut[]): void {
  useEffect(() => keys.add(shortcuts));
}
