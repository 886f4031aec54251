/** `/`: find a symbol or a page by typing. */
import { signal } from "@preact/signals";
import type { TargetedKeyboardEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { instruments, loadInstruments, type Listed } from "../api/instruments";
import { pages } from "../pages/registry";
import { MEANT, matches } from "./matching";
import { Badge } from "./parts";
import { go, route } from "./router";

export const searching = signal(false);

interface Found {
  readonly key: string;
  readonly title: string;
  readonly about: string;
  readonly tracked: boolean;
  readonly open: () => void;
}

/** Where a symbol leads: the present page if it is about one, else the chart. */
function openSymbol(item: Listed): void {
  const here = pages.find((page) => page.path === route.value.path);
  const path = here?.bySymbol ? here.path : (pages.find((page) => page.path === "chart")?.path ?? "market");
  const kept = here?.bySymbol ? new URLSearchParams(route.value.parameters) : new URLSearchParams();
  kept.set("symbol", item.symbol);
  kept.set("venue", item.venue);
  go(path, kept);
}

function find(typed: string): { readonly found: Found[]; readonly guessed: boolean } {
  const symbols = matches(instruments.value, typed);
  const guessed = symbols.length > 0 && symbols.every((each) => each.rank >= MEANT);
  const found: Found[] = symbols.map(({ item }) => ({
    key: `${item.venue} ${item.symbol}`,
    title: item.symbol,
    about: item.venue,
    tracked: item.tracked,
    open: () => openSymbol(item),
  }));
  const word = typed.trim().toLowerCase();
  for (const page of pages) {
    if (word && page.title.toLowerCase().startsWith(word)) {
      found.push({ key: page.path, title: page.title, about: "page", tracked: true, open: () => go(page.path) });
    }
  }
  return { found, guessed };
}

export function Search() {
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState("");
  const [chosen, setChosen] = useState(0);
  const [failed, setFailed] = useState(false);
  const open = searching.value;

  useEffect(() => {
    if (!open) {
      dialog.current?.close();
      return;
    }
    setTyped("");
    setChosen(0);
    setFailed(false);
    loadInstruments().catch(() => setFailed(true));
    dialog.current?.showModal();
    input.current?.focus();
  }, [open]);

  const { found, guessed } = open ? find(typed) : { found: [], guessed: false };
  const at = Math.min(chosen, Math.max(0, found.length - 1));
  const take = (item: Found | undefined) => {
    if (!item) return;
    searching.value = false;
    dialog.current?.close(); // now, so that the next key is the page's
    item.open();
  };
  const pressed = (event: TargetedKeyboardEvent<HTMLInputElement>) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (event.key === "Enter") take(found[at]);
    else if (step && found.length) setChosen((at + step + found.length) % found.length);
    else return;
    event.preventDefault();
  };
  return (
    <dialog
      ref={dialog}
      class="palette"
      aria-label="Find a symbol"
      onClose={() => (searching.value = false)}
      onClick={(event) => event.target === dialog.current && (searching.value = false)}
    >
      <input
        ref={input}
        value={typed}
        placeholder="Symbol, or symbol and venue: btc bybit"
        role="combobox"
        aria-expanded={found.length > 0}
        aria-controls="found"
        aria-activedescendant={found[at] ? `found-${at}` : undefined}
        aria-label="Symbol"
        autoComplete="off"
        spellcheck={false}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setChosen(0);
        }}
        onKeyDown={pressed}
      />
      {guessed ? <p class="hint">No symbol is called "{typed}". Did you mean:</p> : null}
      {failed ? <p class="hint">The list of symbols could not be fetched: the API does not answer.</p> : null}
      {!found.length && !failed && typed ? <p class="hint">Nothing is called "{typed}".</p> : null}
      <ul id="found" role="listbox" aria-label="Found">
        {found.map((item, index) => (
          <li
            key={item.key}
            id={`found-${index}`}
            role="option"
            aria-selected={index === at}
            onClick={() => take(item)}
            onMouseMove={() => setChosen(index)}
          >
            <strong>{item.title}</strong>
            {item.tracked ? null : <Badge>not tracked</Badge>}
            <span class="end">{item.about}</span>
          </li>
        ))}
      </ul>
    </dialog>
  );
}
