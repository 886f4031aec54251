/** Small parts that pages are made of. */
import type { ComponentChildren } from "preact";
import type { TargetedKeyboardEvent } from "preact";
import { Icon } from "./icons";

export type Tone = "good" | "warn" | "bad" | "up" | "down" | "accent" | "none";

interface PanelProps {
  readonly title: ComponentChildren;
  /** What the numbers are, their unit or their time: small, beside the title. */
  readonly note?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly footer?: ComponentChildren;
  /** Columns of twelve in a `.grid`. */
  readonly span?: 3 | 4 | 5 | 6 | 7 | 8 | 12;
  readonly padded?: boolean;
  readonly id?: string;
  readonly children: ComponentChildren;
}

export function Panel({ title, note, actions, footer, span, padded, id, children }: PanelProps) {
  return (
    <section class={`panel${span ? ` span-${span}` : ""}`} {...(id ? { id } : {})}>
      <header>
        <h2>{title}</h2>
        {note ? <span class="note">{note}</span> : null}
        {actions ? <div class="actions">{actions}</div> : null}
      </header>
      <div class={padded ? "body padded" : "body"}>{children}</div>
      {footer ? <footer>{footer}</footer> : null}
    </section>
  );
}

interface HeadProps {
  readonly title: string;
  readonly lead?: ComponentChildren;
  readonly children?: ComponentChildren;
}

/** The first line of a page: its name, a sentence, and what can be done. */
export function PageHead({ title, lead, children }: HeadProps) {
  return (
    <div class="page-head">
      <h1>{title}</h1>
      {lead ? <span class="lead">{lead}</span> : null}
      {children ? <div class="actions">{children}</div> : null}
    </div>
  );
}

export interface Tab<Name extends string = string> {
  readonly name: Name;
  readonly title: ComponentChildren;
}

interface TabsProps<Name extends string> {
  readonly tabs: readonly Tab<Name>[];
  readonly chosen: Name;
  readonly choose: (name: Name) => void;
  readonly label: string;
}

/** Tabs by click and by the arrow keys. */
export function Tabs<Name extends string>({ tabs, chosen, choose, label }: TabsProps<Name>) {
  const move = (event: TargetedKeyboardEvent<HTMLDivElement>) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const at = tabs.findIndex((tab) => tab.name === chosen);
    const next = tabs[(at + step + tabs.length) % tabs.length];
    if (!step || !next) return;
    event.preventDefault();
    choose(next.name);
    const place = [...event.currentTarget.children][tabs.indexOf(next)];
    if (place instanceof HTMLElement) place.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
      {tabs.map((tab) => (
        <button
          key={tab.name}
          type="button"
          role="tab"
          aria-selected={tab.name === chosen}
          tabIndex={tab.name === chosen ? 0 : -1}
          onClick={() => choose(tab.name)}
        >
          {tab.title}
        </button>
      ))}
    </div>
  );
}

export function Badge({ tone = "none", title, children }: { readonly tone?: Tone; readonly title?: string; readonly children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`} {...(title ? { title } : {})}>
      {children}
    </span>
  );
}

/** Whether data can be relied on: a shape and a word on hover, colour only beside them. */
export function TrustMark({ tone, title, label }: { readonly tone: "good" | "warn" | "bad" | "none"; readonly title: string; readonly label?: string }) {
  return (
    <span class={`mark ${tone}`} title={title}>
      <svg width="12" height="12" viewBox="0 0 12 12" role="img" aria-label={title}>
        {tone === "good" ? (
          <path d="M2 6.5 5 9.5 10.5 3" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />
        ) : tone === "warn" ? (
          <path d="M6 1 11.5 11h-11Z" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linejoin="round" />
        ) : tone === "bad" ? (
          <path d="M2.5 2.5l7 7M9.5 2.5l-7 7" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" />
        ) : (
          <circle cx="6" cy="6" r="1.5" fill="currentColor" />
        )}
      </svg>
      {label ? <span>{label}</span> : null}
    </span>
  );
}

/** A few large numbers in a row. */
export function Figures({ children }: { readonly children: ComponentChildren }) {
  return <dl class="figures">{children}</dl>;
}

export function BigFigure({ name, unit, children }: { readonly name: string; readonly unit?: string; readonly children: ComponentChildren }) {
  return (
    <div class="figure">
      <dt>{name}</dt>
      <dd>
        {children}
        {unit ? <span class="unit">{unit}</span> : null}
      </dd>
    </div>
  );
}

export function ExternalLink({ href, children }: { readonly href: string; readonly children: ComponentChildren }) {
  return (
    <a class="link" href={href} target="_blank" rel="noreferrer noopener">
      {children} <Icon name="link" size={11} />
    </a>
  );
}
