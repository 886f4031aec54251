import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { Loading } from "./states";

/** A page that is fetched when it is first looked at: `lazily(() => import("./view"))`, whose `View` it is. */
export function lazily(load: () => Promise<{ readonly View: ComponentType }>): ComponentType {
  let found: ComponentType | null = null;
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
