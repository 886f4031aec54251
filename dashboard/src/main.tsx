import { render } from "preact";
import { App } from "./app";
import "./ui/tokens.css";
import "./ui/base.css";

const place = document.getElementById("app");
if (place) render(<App />, place);
