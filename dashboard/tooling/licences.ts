/** Licences of what is shipped: read from the packages whose modules are in the bundle, so none can be forgotten. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export interface Shipped {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly homepage: string | null;
  readonly text: string;
  /** What its authors want to stand on the page. */
  readonly notice: string | null;
}

/** Notices that are in a package's repository and not in the package: lightweight-charts, file NOTICE. */
export const NOTICES: Readonly<Record<string, string>> = {
  "lightweight-charts": "TradingView Lightweight Charts\nCopyright 2023 TradingView, Inc. https://www.tradingview.com/",
};

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation
files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy,
modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software
is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES
OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE
LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR
IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Texts that are in a package's repository and not in the package: fancy-canvas, file LICENSE (the MIT licence). */
export const TEXTS: Readonly<Record<string, string>> = {
  "fancy-canvas": `Copyright (c) 2019 TradingView, Inc\n\n${MIT}`,
};

const WITHIN = "/node_modules/";

/** The folder of the package that a module is of; null of our own modules. */
export function packageOf(module: string): string | null {
  const path = module.replaceAll("\\", "/").replace(/^\0/, "").split("?")[0] ?? "";
  const at = path.lastIndexOf(WITHIN);
  if (at < 0) return null;
  const parts = path.slice(at + WITHIN.length).split("/");
  const name = parts[0]?.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0];
  return name ? path.slice(0, at + WITHIN.length) + name : null;
}

/** What a package's folder says of its licence. A package without a text is not shipped: it throws. */
export function read(folder: string): Shipped {
  const told = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<string, unknown>;
  const name = String(told["name"]);
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(each));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : TEXTS[name];
  if (!text || typeof told["license"] !== "string") throw new Error(`${name} has no licence text: it cannot be shipped`);
  const notice = existsSync(join(folder, "NOTICE")) ? readFileSync(join(folder, "NOTICE"), "utf8") : null;
  return {
    name,
    version: String(told["version"]),
    licence: told["license"],
    homepage: typeof told["homepage"] === "string" ? told["homepage"] : null,
    text,
    notice: notice?.trim() ?? NOTICES[name] ?? null,
  };
}

/** THIRD_PARTY_NOTICES: one after the other, each with its notice and its text. */
export function notices(shipped: readonly Shipped[]): string {
  const rule = "=".repeat(80);
  const each = shipped.map((one) => [rule, `${one.name} ${one.version}`, `Licence: ${one.licence}`, one.homepage ?? "", one.notice ? `\n${one.notice}` : "", "", one.text].join("\n"));
  return `The web terminal of AlphaPulse contains the following software of others.\n\n${each.join("\n\n")}\n`;
}

/** Writes licences.json (for the page) and THIRD_PARTY_NOTICES.txt beside the built files. */
export function licences(): Plugin {
  return {
    name: "licences-of-what-is-shipped",
    apply: "build",
    generateBundle(_, bundle) {
      const folders = new Set<string>();
      for (const file of Object.values(bundle)) {
        if (file.type !== "chunk") continue;
        for (const module of file.moduleIds) {
          const folder = packageOf(module);
          if (folder) folders.add(folder);
        }
      }
      const shipped = [...folders].map(read).sort((a, b) => a.name.localeCompare(b.name));
      this.emitFile({ type: "asset", fileName: "licences.json", source: JSON.stringify(shipped) });
      this.emitFile({ type: "asset", fileName: "THIRD_PARTY_NOTICES.txt", source: notices(shipped) });
    },
  };
}
