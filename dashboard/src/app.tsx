import { pages } from "./pages/registry";
import { Frame } from "./ui/frame";
import { route } from "./ui/router";

/** The whole page: its frame and the page that the address names. */
export function App() {
  const page = pages.find((each) => each.path === route.value.path) ?? pages[0];
  return page ? <Frame page={page} /> : null;
}
