// What is looked at on every page that is shown: is it whole, and can everybody use it?
//
// axe-core is asked once for each kind of page and scheme. It sees contrast, names, roles and
// structure; it does not see whether a keyboard gets anywhere, which is a scenario of its own.

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";

const AXE = path.join(process.env.NPM_PACKAGES, "node_modules/axe-core/axe.min.js");
const SCHEMES = ["light", "dark"];
const GRAVE = ["serious", "critical"];
/// Kinds of page that axe has seen, by scheme.
const seen = new Set();
let axe;

export async function inspect(link, picture, kind) {
  await mkdir(path.dirname(picture), { recursive: true });
  await structure(link.frame, kind);
  for (const scheme of SCHEMES) {
    await link.page.emulateMedia({ colorScheme: scheme });
    const whole = link.element ? {} : { fullPage: true };
    const shown = link.element ?? link.page;
    await shown.screenshot({ path: `${picture} ${scheme}.png`, ...whole });
    if (!seen.has(`${kind} ${scheme}`)) {
      seen.add(`${kind} ${scheme}`);
      await accessible(link.frame, kind, scheme);
    }
  }
  await link.page.emulateMedia({ colorScheme: SCHEMES[0] });
}

async function structure(frame, kind) {
  const found = await frame.evaluate(() => ({
    language: document.documentElement.lang,
    title: document.title,
    headings: document.querySelectorAll("h1").length,
    mains: document.querySelectorAll("main").length,
    width: document.documentElement.clientWidth,
    needed: document.documentElement.scrollWidth,
  }));
  assert.ok(found.language && found.title, `${kind}: has a language and a title`);
  assert.equal(found.headings, 1, `${kind}: first headings`);
  assert.equal(found.mains, 1, `${kind}: main landmarks`);
  const cut = `${kind}: ${found.needed} pixels on ${found.width}`;
  assert.ok(found.needed <= found.width, cut);
}

async function accessible(frame, kind, scheme) {
  axe ??= await readFile(AXE, "utf8");
  await frame.evaluate(axe);
  // Between schemes only colours differ.
  const rules = scheme === SCHEMES[0] ? {} : { runOnly: ["color-contrast"] };
  const violations = await frame.evaluate(async (rules) => {
    const options = { resultTypes: ["violations"], ...rules };
    const { violations } = await window.axe.run(document, options);
    return violations.map(({ id, impact, help, nodes }) => ({
      id, impact, help, nodes: nodes.map((node) => `${node.target}: ${node.failureSummary}`),
    }));
  }, rules);
  const grave = violations.filter(({ impact }) => GRAVE.includes(impact));
  assert.deepEqual(grave, [], `${kind}, ${scheme}: what axe finds`);
  for (const { id, impact } of violations) {
    console.log(`   ${kind}, ${scheme}: ${id} (${impact})`);
  }
}
