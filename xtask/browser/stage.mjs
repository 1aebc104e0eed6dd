// What a scenario works with: a browser context of its own, an application of its own, and a watch
// on everything that the browser complains of.

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { inspect } from "./inspection.mjs";
import { Application, LINK_URL } from "./gladhand.mjs";
import { Link } from "./link.mjs";
import { until } from "./patience.mjs";

const require = createRequire(path.join(process.env.NPM_PACKAGES, "x.js"));
const { chromium } = require("playwright-core");

const { CHROMIUM, SCREENSHOTS } = process.env;
/// The SDK's frame on anything wider than a phone.
export const FRAME = { width: 400, height: 700 };
const DESK = { width: 1000, height: 800 };
/// Who asks for consent, as the pages have it.
export const ASKING = "Acme Insurance";
const ACTION_LIMIT_MS = 20_000;

export async function launch() {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export class Stage {
  constructor(browser, host, foreignHost, name) {
    this.browser = browser;
    this.host = host;
    this.foreignHost = foreignHost;
    this.name = name;
    this.contexts = [];
    this.complaints = [];
    this.tolerated = [];
    this.pictures = 0;
  }

  /// An application that the host's origin may frame, with further flags of `application set`.
  async application(flags = [], environment) {
    const addresses = ["--allow-origin", this.host.origin, ...flags];
    return Application.make(ASKING, addresses, environment);
  }

  async page(options = {}) {
    const context = await this.browser.newContext({
      viewport: DESK,
      locale: "en-US",
      reducedMotion: "reduce",
      ...options,
    });
    context.setDefaultTimeout(ACTION_LIMIT_MS);
    this.contexts.push(context);
    const complain = (text) => this.complaints.push(text);
    context.on("console", (message) => {
      const { url } = message.location();
      if (message.type() === "error") complain(`${message.text()} (${url.split("?")[0]})`);
    });
    context.on("weberror", (error) => complain(String(error.error())));
    return context.newPage();
  }

  /// The browser may complain so: the scenario provokes it.
  tolerate(pattern) {
    this.tolerated.push(pattern);
  }

  /// A document with such a status is what the scenario wants; browsers write it down as an error.
  tolerateStatus(...statuses) {
    this.tolerate(new RegExp(`the server responded with a status of (${statuses.join("|")})`));
  }

  /// The host's page with Link opened in the SDK's frame.
  async open(application, config = {}, hostPath = "/") {
    const page = await this.page();
    const { publishableKey } = application;
    const asked = { publishableKey, linkBaseUrl: LINK_URL, ...config };
    await page.goto(this.host.address(asked, hostPath));
    await page.getByRole("button", { name: "Connect your fleet" }).click();
    return this.framed(page);
  }

  /// Link in the SDK's frame of a page.
  async framed(page) {
    const element = await page.waitForSelector("#terminal-link-iframe");
    return new Link(this, page, await element.contentFrame(), element);
  }

  /// Link as a page of its own, at an address or with these parameters of one.
  async visit(address, options = { viewport: FRAME }) {
    const page = await this.page(options);
    await page.goto(address);
    return new Link(this, page, page.mainFrame());
  }

  address(application, parameters = {}) {
    const query = new URLSearchParams({ key: application.publishableKey, ...parameters });
    return `${LINK_URL}/?${query}`;
  }

  /// What the SDK called back, once it has called this.
  async said(page, name) {
    return until(`the SDK's ${name}`, async () => {
      const said = await page.evaluate(() => window.said);
      return said.find((entry) => entry.name === name);
    });
  }

  /// Looks at a page in light and dark: pictures, accessibility, nothing cut off.
  async inspect(link, step) {
    this.pictures += 1;
    const number = String(this.pictures).padStart(2, "0");
    await inspect(link, path.join(SCREENSHOTS, `${this.name} ${number} ${step}`), step);
  }

  /// After the scenario: what the browser complained of, unless it was to.
  settle() {
    const isTolerated = (text) => this.tolerated.some((pattern) => pattern.test(text));
    const complaints = this.complaints.filter((text) => !isTolerated(text));
    assert.deepEqual(complaints, [], "the browser complained");
  }

  /// What every open page shows, for whoever looks for the reason of a failure.
  async keepEvidence() {
    await mkdir(SCREENSHOTS, { recursive: true });
    const pages = this.contexts.flatMap((context) => context.pages());
    const complaints = this.complaints.map((text) => `complaint: ${text}`);
    const shown = [...complaints];
    for (const [index, page] of pages.entries()) {
      const file = path.join(SCREENSHOTS, `${this.name} failed ${index + 1}`);
      await page.screenshot({ path: `${file}.png` }).catch(() => {});
      for (const frame of page.frames()) {
        const tree = await frame.locator("body").ariaSnapshot({ timeout: 2_000 }).catch(String);
        const readable = tree.replace(/(ticket|done)=[\w-]+/g, "$1=…");
        shown.push(`${frame.url().split("?")[0]}\n${readable}`);
      }
    }
    await writeFile(path.join(SCREENSHOTS, `${this.name} failed.txt`), shown.join("\n\n"));
    return shown.join("\n\n");
  }

  async close() {
    await Promise.all(this.contexts.map((context) => context.close()));
  }
}
