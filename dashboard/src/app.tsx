import { pages } from "./pages/registry";
import { route } from "./ui/router";

/** The whole page: its navigation and the page that the address names. */
export function App() {
  const page = pages.find((each) => each.path === route.value.path) ?? pages[0];
  return (
    <main>
      <nav>
        {pages.map((each) => (
          <a key={each.path} href={`#/${each.path}`}>
            {each.title}
          </a>
        ))}
      </nav>
      {page ? <page.View /> : null}
    </main>
  );
}
