import { signal } from "@preact/signals";

/** Where one is: `#/chart?symbol=BTC/USDT` is the path `chart` with its parameters. */
export interface Route {
  readonly path: string;
  readonly parameters: URLSearchParams;
}

/** The route that an address' part after `#` names. */
export function parseRoute(hash: string): Route {
  const [path = "", query = ""] = hash.replace(/^#\/?/, "").split("?", 2);
  return { path: path || "market", parameters: new URLSearchParams(query) };
}

export const route = signal<Route>(parseRoute(location.hash));

addEventListener("hashchange", () => {
  route.value = parseRoute(location.hash);
});

/** Change parameters of the present page; null removes one. The address stays a link to what is seen. */
export function setParameters(changes: Readonly<Record<string, string | null>>): void {
  const parameters = new URLSearchParams(route.value.parameters);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) parameters.delete(name);
    else parameters.set(name, value);
  }
  const query = parameters.toString();
  history.replaceState(null, "", `#/${route.value.path}${query ? `?${query}` : ""}`);
  route.value = parseRoute(location.hash);
}
