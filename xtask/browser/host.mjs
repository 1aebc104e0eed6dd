// A product's own site: a page with a button that opens Link by the vendor's SDK, and what the
// SDK called back in `window.said`.
//
// It is `localhost`, and Link is 127.0.0.1: another site, as it is for everybody who uses Link.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import path from "node:path";

const PACKAGES = path.join(process.env.NPM_PACKAGES, "node_modules");
const require = createRequire(path.join(PACKAGES, "x.js"));

const CALLBACKS = `
window.said = [];
const heard = (name) => (detail) => { window.said.push({ name, ...detail }); };
const callbacks = {
  onSuccess: heard("success"),
  onExit: heard("exit"),
  onOpen: heard("open"),
  onClose: heard("close"),
};
const config = { ...JSON.parse(new URLSearchParams(location.search).get("config")), ...callbacks };
`;

const PLAIN = `
import TerminalLink from "@terminal-api/link-sdk";
${CALLBACKS}
const link = TerminalLink.initialize(config);
document.querySelector("button").addEventListener("click", () => link.open());
`;

const REACT = `
import { createElement, createRoot } from "react";
import { useTerminalLink } from "@terminal-api/link-react";
${CALLBACKS}
function Connect() {
  const link = useTerminalLink(config);
  const text = link.isOpen ? "Link is open" : "Connect your fleet";
  return createElement("button", { onClick: () => link.open() }, text);
}
createRoot(document.querySelector("main")).render(createElement(Connect));
`;

const IMPORTS = JSON.stringify({
  imports: {
    "@terminal-api/link-sdk": "/link-sdk.js",
    "@terminal-api/link-react": "/link-react.js",
    react: "/react.js",
  },
});

const page = (body, script = "") => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>A product</title><script type="importmap">${IMPORTS}</script>
<body><main>${body}</main><script type="module">${script}</script></body></html>`;

/// React is published for bundlers only: its CommonJS files, behind the least of a loader.
async function react() {
  const files = {
    react: "react/cjs/react.production.js",
    scheduler: "scheduler/cjs/scheduler.production.js",
    "react-dom": "react-dom/cjs/react-dom.production.js",
    "react-dom/client": "react-dom/cjs/react-dom-client.production.js",
  };
  const modules = await Promise.all(Object.entries(files).map(async ([name, file]) => {
    const text = await readFile(path.join(PACKAGES, file), "utf8");
    return `${JSON.stringify(name)}: (module, exports, require) => {${text}\n}`;
  }));
  const names = Object.keys(require("react"));
  return `const files = {${modules.join(",")}};
const made = {};
function require(name) {
  if (!made[name]) {
    made[name] = { exports: {} };
    files[name](made[name], made[name].exports, require);
  }
  return made[name].exports;
}
export const { ${names.join(", ")} } = require("react");
export const { createRoot } = require("react-dom/client");`;
}

const BUTTON = "<h1>A product</h1><button>Connect your fleet</button>";

async function answer(url) {
  const script = async (file) => [await readFile(path.join(PACKAGES, file)), "text/javascript"];
  const html = (text) => [text, "text/html; charset=utf-8"];
  switch (url.pathname) {
    case "/":
      return html(page(BUTTON, PLAIN));
    case "/with-react":
      return html(page("", REACT));
    case "/frame":
      return html(page(`<iframe src="${url.searchParams.get("of")}"></iframe>`));
    case "/landed":
      return html(page("<h1>Back at the product</h1>"));
    case "/link-sdk.js":
      return script("@terminal-api/link-sdk/dist/index.js");
    case "/link-react.js":
      return script("@terminal-api/link-react/dist/index.js");
    case "/react.js":
      return [await react(), "text/javascript"];
    default:
      return [undefined, undefined];
  }
}

export class Host {
  static async start() {
    const server = createServer(async (request, response) => {
      try {
        const [body, type] = await answer(new URL(request.url, "http://host"));
        response.writeHead(body === undefined ? 204 : 200, type && { "Content-Type": type });
        response.end(body);
      } catch (error) {
        response.writeHead(500).end(String(error));
      }
    });
    await new Promise((resolve) => server.listen(0, "localhost", resolve));
    return new Host(server);
  }

  constructor(server) {
    this.server = server;
    this.origin = `http://localhost:${server.address().port}`;
    this.landing = `${this.origin}/landed`;
  }

  /// The page that opens Link with this configuration of the SDK.
  address(config, path = "/") {
    return `${this.origin}${path}?config=${encodeURIComponent(JSON.stringify(config))}`;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
