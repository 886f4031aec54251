import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading } from "./states";

const loaders: (() => Promise<unknown>)[] = [];

/** Fetch all pages once the first one stands: they are small, and are there when the API is away. */
export function fetchAllSoon(): void {
  setTimeout(() => {
    for (const load of loaders) void load().catch(() => undefined);
  }, 300);
}

/** A page that is fetched when it is first looked at: `lazily(() => import("./view"))`, whose `View` it is. */
export function lazily(load: () => Promise<{ readonly View: ComponentType }>): ComponentType {
  let found: ComponentType | null = null;
  loaders.push(load);
  return function Lazy() {
    const [View, setView] = useState<ComponentType | null>(() => found);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (View) return;
      load().then(
        (module) => {
          found = module.View;
          setView(() => module.View);
        },
        () => setFailed(true),
      );
    }, [View]);
    if (failed) {
      return (
        <div class="state error" role="alert">
          <strong>This part of the page could not be fetched</strong>
          <p>The API does not answer, or it was updated meanwhile.</p>
          <button type="button" class="button" onClick={() => location.reload()}>
            Load the page again
          </button>
        </div>
      );
    }
    return View ? <View /> : <Loading rows={8} />;
  };
}
