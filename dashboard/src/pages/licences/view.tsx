import { useGet } from "../../api/reading";
import { Badge, ExternalLink, PageHead, Panel } from "../../ui/parts";
import { Loaded } from "../../ui/states";
import "./licences.css";

interface Shipped {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly homepage: string | null;
  readonly text: string;
  readonly notice: string | null;
}

export function View() {
  const shipped = useGet<readonly Shipped[]>("./licences.json");
  return (
    <>
      <PageHead title="Licences" lead="What this page is made of">
        <a class="button" href="./THIRD_PARTY_NOTICES.txt">
          All texts in one file
        </a>
      </PageHead>
      <div class="licences">
        <Panel title="AlphaPulse" actions={<Badge tone="accent">Apache-2.0</Badge>} padded>
          <p>
            AlphaPulse is free software under the Apache License 2.0. This page asks no host but the one that serves it: no fonts, scripts or
            measurements of others.
          </p>
        </Panel>
        <Panel title="TradingView Lightweight Charts" actions={<Badge>Apache-2.0</Badge>} padded>
          <p>Price charts are drawn by TradingView Lightweight Charts. Copyright 2023 TradingView, Inc.</p>
          <p>
            <ExternalLink href="https://www.tradingview.com/">www.tradingview.com</ExternalLink>
          </p>
        </Panel>
        <Loaded of={shipped} rows={6} emptyTitle="The list is not there" empty="It is made when the page is built.">
          {(all) => (
            <>
              {all.map((each) => (
                <Panel key={each.name} title={`${each.name} ${each.version}`} actions={<Badge>{each.licence}</Badge>} padded>
                  {each.notice ? <pre class="notice">{each.notice}</pre> : null}
                  {each.homepage ? (
                    <p>
                      <ExternalLink href={each.homepage}>{each.homepage.replace(/^https?:\/\//, "")}</ExternalLink>
                    </p>
                  ) : null}
                  <details>
                    <summary>Text of the licence</summary>
                    <pre>{each.text}</pre>
                  </details>
                </Panel>
              ))}
            </>
          )}
        </Loaded>
      </div>
    </>
  );
}
