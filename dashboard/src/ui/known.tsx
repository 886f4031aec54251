import type { ComponentChildren } from "preact";
import type { Columns } from "../api/client";
import type { Named } from "../api/named";
import { Empty, Loaded } from "./states";

interface Props {
  readonly of: Named;
  readonly emptyTitle: string;
  readonly empty: ComponentChildren;
  readonly rows?: number;
  readonly children: (data: Columns) => ComponentChildren;
}

/** `Loaded`, of a reading that the API may not have: then it says which one is missing, and what to do. */
export function Known({ of, emptyTitle, empty, rows, children }: Props) {
  if (of.there === false) {
    return (
      <Empty title="This API does not tell it">
        It has no reading <code>{of.name}</code>: it is older than this page. Update it, then: alphapulse migrate
      </Empty>
    );
  }
  return (
    <Loaded of={of.resource} emptyTitle={emptyTitle} empty={empty} {...(rows === undefined ? {} : { rows })}>
      {children}
    </Loaded>
  );
}
