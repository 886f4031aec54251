import { setParameters } from "../../ui/router";
import { moment } from "./state";

/** Look at what was known at a moment, seconds UTC; null: now. The address says so. */
export function setAsOf(asOf: number | null): void {
  setParameters({ as_of: asOf === null ? null : moment(asOf) });
}
