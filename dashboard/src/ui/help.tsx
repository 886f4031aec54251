import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { keys } from "./keys";

export const helping = signal(false);

/** `?`: all keys that do something here. */
export function Help() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = helping.value;
  useEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return (
    <dialog
      ref={dialog}
      aria-label="Keyboard"
      onClose={() => (helping.value = false)}
      onClick={(event) => event.target === dialog.current && (helping.value = false)}
    >
      <div class="help">
        <h2>Keyboard</h2>
        <dl>
          {open
            ? keys.all().map((each) => (
                <div key={each.keys} style={{ display: "contents" }}>
                  <dt>
                    {each.keys.split(" ").map((key) => (
                      <>
                        <kbd>{key}</kbd>{" "}
                      </>
                    ))}
                  </dt>
                  <dd>{each.meaning}</dd>
                </div>
              ))
            : null}
          <dt>
            <kbd>↑</kbd> <kbd>↓</kbd> <kbd>Enter</kbd>
          </dt>
          <dd>walk through a table that has the focus, open a row</dd>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>close this</dd>
        </dl>
      </div>
    </dialog>
  );
}
