import type { Page } from "../page";

function Market() {
  return <h1>Market</h1>;
}

export const market: Page = { path: "market", title: "Market", key: "m", View: Market };
