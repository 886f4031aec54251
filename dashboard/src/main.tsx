import { render } from "preact";
import { App } from "./app";
import "./ui/tokens.css";
import "./ui/base.css";
import { fetchAllSoon } from "./ui/lazily";

const place = document.getElementById("app");
if (place) render(<App />, place);
fetchAllSoon();
