// Who uses the page otherwise: by keyboard, in another language, on a phone, without scripts.

import assert from "node:assert/strict";
import { ACCOUNTS } from "../accounts.mjs";
import { FRAME } from "../stage.mjs";
import { WORDS } from "../link.mjs";

const MOST_TABS = 40;

/// Tabs until `locator` has the focus, which must be seen.
async function tabTo(link, locator) {
  for (let tabs = 0; tabs < MOST_TABS; tabs += 1) {
    const isThere = await locator.evaluate((element) => element === document.activeElement);
    if (isThere) {
      const shown = await locator.evaluate((element) => {
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none";
      });
      assert.ok(shown, `the focus is not seen on ${locator}`);
      return;
    }
    await link.page.keyboard.press("Tab");
  }
  throw new Error(`${MOST_TABS} tabs did not get to ${locator}`);
}

async function keyboard(stage) {
  const application = await stage.application();
  const link = await stage.open(application);
  const press = (key) => link.page.keyboard.press(key);
  const type = (text) => link.page.keyboard.type(text);
  await tabTo(link, link.role("searchbox"));
  await type("sams");
  await press("Enter");
  await link.frame.waitForURL(/[?&]q=sams/);
  await tabTo(link, link.role("link", "Samsara"));
  await press("Enter");
  const [[label, token]] = Object.entries(ACCOUNTS.samsara);
  const field = link.field(label);
  await tabTo(link, link.byHand());
  await press("Enter");
  await tabTo(link, field);
  await type(token);
  await tabTo(link, link.role("button", WORDS.connect));
  await press("Enter");
  await link.succeeded();
  await tabTo(link, link.role("button", WORDS.done));
  await press("Enter");
  await stage.said(link.page, "success");
  await stage.said(link.page, "close");
}

async function withoutScripts(stage) {
  stage.tolerateStatus(422);
  const application = await stage.application();
  const options = { viewport: FRAME, javaScriptEnabled: false };
  const link = await stage.visit(stage.address(application), options);
  await link.search("sams");
  await link.choose("Samsara");
  await link.fill({ "API token": "not the token" });
  await link.submit();
  await link.role("alert").waitFor();
  await link.fill(ACCOUNTS.samsara);
  await link.submit();
  await link.succeeded();
  assert.equal((await application.connections()).length, 1);
}

/// The main pages in one language; what each said, so that they can be compared.
async function tour(stage, application, language) {
  const texts = {};
  const look = async (link, step) => {
    texts[step] = await link.role("main").innerText();
    const said = await link.frame.evaluate(() => document.documentElement.lang);
    assert.equal(said, language, step);
    await link.inspect(`${step} in ${language}`);
  };
  const visit = (parameters) =>
    stage.visit(stage.address(application, { lang: language, ...parameters }));
  const list = await visit({});
  await look(list, "providers");
  for (const provider of ["samsara", "geotab", "motive"]) {
    await look(await visit({ provider }), provider);
  }
  const form = await visit({ provider: "samsara" });
  const field = form.frame.locator("input[type=password]");
  await form.frame.locator("summary").click();
  await look(form, "by hand");
  await field.fill("not the token");
  await form.page.keyboard.press("Enter");
  await form.role("alert").waitFor();
  await look(form, "refused");
  await field.fill(ACCOUNTS.samsara["API token"]);
  await form.page.keyboard.press("Enter");
  await field.waitFor({ state: "detached" });
  await look(form, "connected");
  return texts;
}

async function languages(stage) {
  stage.tolerateStatus(422);
  const application = await stage.application();
  const languages = ["en", "fr", "es"];
  const tours = await Promise.all(languages.map((name) => tour(stage, application, name)));
  for (const step of Object.keys(tours[0])) {
    const texts = new Set(tours.map((texts) => texts[step]));
    assert.equal(texts.size, 3, `${step}: a language says what another says`);
  }

  const preferred = { viewport: FRAME, locale: "fr-CA" };
  const link = await stage.visit(stage.address(application), preferred);
  const language = () => link.frame.evaluate(() => document.documentElement.lang);
  assert.equal(await language(), "fr", "the browser's language is heeded");
  await link.switchLanguage("Español");
  await link.page.waitForFunction(() => document.documentElement.lang === "es");
}

export const scenarios = [{
  languages,
  "keyboard only": keyboard,
  "without scripts": withoutScripts,
}];
