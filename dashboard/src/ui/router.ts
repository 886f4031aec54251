import { signal } from "@preact/signals";

/** Where one is: `#/chart?symbol=BTC/USDT` is the path `chart` with its parameters. */
export interface Route {
  readonly path: string;
  readonly parameters: URLSearchParams;
}

export type Parameters = Readonly<Record<string, string | null | undefined>>;

/** The route that an address' part after `#` names. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path || "market", parameters: new URLSearchParams(query) };
}

/** The address of a page, for links: `hrefOf("chart", {symbol: "BTC/USDT"})`. Nulls are left out. */
export function hrefOf(path: string, parameters: Parameters | URLSearchParams = {}): string {
  const query = parameters instanceof URLSearchParams ? parameters : new URLSearchParams();
  if (!(parameters instanceof URLSearchParams)) {
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== null && value !== undefined) query.set(name, value);
    }
  }
  // what an address may hold stays readable in it
  const text = query.toString().replaceAll("%2F", "/").replaceAll("%3A", ":").replaceAll("%2C", ",");
  return `#/${path}${text ? `?${text}` : ""}`;
}

export const route = signal<Route>(parseRoute(location.hash));

addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
});

/** Go to a page; the way back is kept. */
export function go(path: string, parameters: Parameters | URLSearchParams = {}): void {
  location.hash = hrefOf(path, parameters);
}

/** Change parameters of the present page; null removes one. The address stays a link to what is seen. */
export function setParameters(changes: Parameters): void {
  const parameters = new URLSearchParams(route.value.parameters);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === undefined) parameters.delete(name);
    else parameters.set(name, value);
  }
  history.replaceState(null, "", hrefOf(route.value.path, parameters));
  route.value = parseRoute(location.hash);
}
