// Ways to be asked: redirects in place of a frame, short links, and a provider that is not there.

import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { ACCOUNTS } from "../accounts.mjs";
import { gladhand } from "../gladhand.mjs";
import { WORDS } from "../link.mjs";

async function redirect(stage) {
  const application = await stage.application(["--allow-redirect", stage.host.landing]);
  const asked = {
    provider: "samsara",
    redirect_url: `${stage.host.landing}?mine=1`,
    state: "a state & more",
  };
  const link = await stage.visit(stage.address(application, asked));
  await link.fill(ACCOUNTS.samsara);
  await link.submit();
  await link.page.waitForURL(`${stage.host.landing}?*`);
  const came = new URL(link.page.url()).searchParams;
  assert.equal(came.get("mine"), "1");
  assert.equal(came.get("state"), asked.state);
  const connection = await application.exchange(came.get("token"));
  assert.equal(connection.provider.code, "samsara");

  const other = await stage.visit(stage.address(application, asked));
  await other.leave();
  await other.page.waitForURL(`${stage.host.landing}?*`);
  const left = new URL(other.page.url()).searchParams;
  assert.equal(left.get("error"), "access_denied");
  assert.equal(left.get("state"), asked.state);
  assert.equal(left.get("token"), null);
}

/// OAuth without a popup: the provider, and back, in the same window.
async function redirectByOauth(stage) {
  const application = await stage.application(["--allow-redirect", stage.host.landing]);
  const asked = { provider: "motive", redirect_url: stage.host.landing, state: "17" };
  const link = await stage.visit(stage.address(application, asked));
  await link.signInHere("Motive");
  await link.page.getByRole("button", { name: "Approve" }).click();
  await link.page.waitForURL(`${stage.host.landing}?*`);
  const came = new URL(link.page.url()).searchParams;
  assert.equal(came.get("state"), "17");
  const connection = await application.exchange(came.get("token"));
  assert.equal(connection.provider.code, "motive");
}

async function shortLink(stage) {
  stage.tolerateStatus(404);
  const application = await stage.application();
  const body = { provider: "samsara", externalId: "customer-8", tags: ["short"] };
  const made = await application.post("/link/short", body);
  const link = await stage.visit(made.url);
  await link.fill(ACCOUNTS.samsara);
  await link.submit();
  await link.succeeded();
  await link.inspect("connected on a page of its own");
  const [connection] = await application.connections();
  assert.equal(connection.externalId, "customer-8");
  assert.deepEqual(connection.tags, ["short"]);

  const { status } = await application.ask("DELETE", `/link/short/${made.id}`);
  assert.equal(status, 204);
  const gone = await stage.visit(made.url);
  await gone.inspect("short link that is gone");
  assert.equal(await gone.role("textbox").count(), 0);
}

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 32" width="96" height="32">
<rect width="96" height="32" rx="6" fill="#7a3e00"/></svg>`;

/// As the application has it look: colours that are hard to read upon, an image, words of its own.
async function template(stage) {
  stage.tolerateStatus(400);
  const application = await stage.application();
  await writeFile("logo.svg", LOGO);
  await writeFile("agreement.txt", "Roadside reads what it must.\n\nNothing else.");
  const form = {
    "display-name": "Roadside Mutual",
    "primary-color": "#ffd400",
    "border-radius": "16",
    "title-en": "Who knows your trucks?",
    "agreement-en": "agreement.txt",
    "require-external-id": "true",
    tag: "from-template",
    logo: "logo.svg",
  };
  const flags = Object.entries(form).flatMap(([name, value]) => [`--${name}`, value]);
  await gladhand("template", "create", "default", "--application", application.id, ...flags);

  const refused = await stage.visit(stage.address(application));
  await refused.frame.getByText("external_id").waitFor();
  const link = await stage.visit(stage.address(application, { external_id: "customer-3" }));
  await link.role("heading", form["title-en"]).waitFor();
  const logo = link.role("img", form["display-name"]);
  assert.equal(await logo.evaluate((image) => image.naturalWidth), 96, "the logo is shown");
  await link.inspect("providers with a template");
  await link.search("geotab");
  await link.choose("Geotab");
  await link.frame.getByText("Roadside reads what it must.").waitFor();
  const colour = (button) => getComputedStyle(button).backgroundColor;
  assert.equal(await link.role("button", WORDS.connect).evaluate(colour), "rgb(255, 212, 0)");
  await link.inspect("Geotab with a template");
  await link.fill(ACCOUNTS.geotab);
  await link.submit();
  await link.succeeded();
  await link.inspect("connected with a template");
  const [connection] = await application.connections();
  assert.deepEqual(connection.tags, ["from-template"]);
}

async function unlistedProvider(stage) {
  const application = await stage.application();
  const link = await stage.open(application);
  await link.search("Roadrunner Telematics");
  await link.inspect("no provider found");
  await link.askForProvider();
  await link.inspect("asking for a provider");
  await link.fillWish("Roadrunner Telematics", "fleet@bluebird.test");
  await link.inspect("provider asked for");
  const owner = ["--application", application.id];
  const { results } = await gladhand("provider", "requests", ...owner);
  assert.equal(results.length, 1);
  assert.equal(results[0].name, "Roadrunner Telematics");
  assert.equal(results[0].contact, "fleet@bluebird.test");
}

export const scenarios = [{
  redirect,
  "redirect by OAuth": redirectByOauth,
  "short link": shortLink,
  "consent template": template,
  "unlisted provider": unlistedProvider,
}];
