/** The frame around all pages: navigation above, status below, search and help over it. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Page } from "../pages/page";
import { pages } from "../pages/registry";
import { Help, helping } from "./help";
import { Icon } from "./icons";
import { keys, listen, type Shortcut } from "./keys";
import { go, hrefOf, route } from "./router";
import { Search, searching } from "./search";
import { StatusBar } from "./status_bar";
import { switchTheme, theme } from "./theme";

const menuOpen = signal(false);

/** Pages about a symbol hand it on to each other. */
function parametersFor(page: Page): Record<string, string | null> {
  if (!page.bySymbol) return {};
  const { parameters } = route.value;
  return { symbol: parameters.get("symbol"), venue: parameters.get("venue") };
}

function shortcuts(): Shortcut[] {
  return [
    { keys: "/", meaning: "find a symbol or a page", run: () => (searching.value = true) },
    ...pages.map((page) => ({
      keys: `g ${page.key}`,
      meaning: `go to ${page.title}`,
      run: () => go(page.path, parametersFor(page)),
    })),
    { keys: "t", meaning: "dark or light", run: switchTheme },
    { keys: "?", meaning: "this list", run: () => (helping.value = true) },
  ];
}

export function Frame({ page }: { readonly page: Page }) {
  const main = useRef<HTMLElement>(null);
  useEffect(() => {
    const forget = keys.add(shortcuts());
    const deaf = listen();
    return () => {
      forget();
      deaf();
    };
  }, []);
  useEffect(() => {
    menuOpen.value = false;
    document.title = `${page.title} · AlphaPulse`;
    if (main.current) main.current.scrollTop = 0;
  }, [page]);
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        To the content
      </a>
      <header class="topbar">
        <Brand />
        <Navigation page={page} />
        <Tools />
      </header>
      <main class="page" id="content" ref={main} tabIndex={-1}>
        <page.View key={page.path} />
      </main>
      <StatusBar />
      <Search />
      <Help />
    </div>
  );
}

function Brand() {
  return (
    <a class="brand" href={hrefOf("market")} aria-label="AlphaPulse: Market">
      <svg width="22" height="22" viewBox="0 0 22 22" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">
        <path d="M1.5 12.5H6L8.5 5l4.5 12 2.5-7.5 1.2 3h3.8" />
      </svg>
      AlphaPulse
    </a>
  );
}

function Navigation({ page }: { readonly page: Page }) {
  return (
    <nav class="nav" aria-label="Pages" data-open={menuOpen.value} id="navigation">
      {pages.map((each) => (
        <a
          key={each.path}
          href={hrefOf(each.path, parametersFor(each))}
          title={`${each.title} (g ${each.key})`}
          onClick={() => (menuOpen.value = false)}
          {...(each === page ? { "aria-current": "page" as const } : {})}
        >
          {each.title}
        </a>
      ))}
    </nav>
  );
}

function Tools() {
  const other = theme.value === "dark" ? "light" : "dark";
  return (
    <div class="tools">
      <button type="button" class="find" aria-label="Find a symbol" onClick={() => (searching.value = true)}>
        <Icon name="search" size={14} />
        <span>Find a symbol</span>
        <kbd>/</kbd>
      </button>
      <button type="button" class="icon-button" aria-label={`Switch to ${other}`} title={`Switch to ${other} (t)`} onClick={switchTheme}>
        <Icon name={other === "light" ? "sun" : "moon"} />
      </button>
      <button type="button" class="icon-button wide-only" aria-label="Keyboard" title="Keyboard (?)" onClick={() => (helping.value = true)}>
        <Icon name="help" />
      </button>
      <button
        type="button"
        class="icon-button menu-button"
        aria-label="Menu"
        aria-expanded={menuOpen.value}
        aria-controls="navigation"
        onClick={() => (menuOpen.value = !menuOpen.value)}
      >
        <Icon name={menuOpen.value ? "cross" : "menu"} />
      </button>
    </div>
  );
}
