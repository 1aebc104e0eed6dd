// What must not connect anything: wrong credentials, people who change their minds, sites that may
// not frame the page, links that say what is not so.

import assert from "node:assert/strict";
import { ACCOUNTS } from "../accounts.mjs";
import { LINK_URL } from "../gladhand.mjs";

async function wrongPassword(stage) {
  stage.tolerateStatus(422);
  const application = await stage.application();
  const link = await stage.open(application, { params: { provider: "geotab" } });
  await link.fill({ ...ACCOUNTS.geotab, Password: "not the password" });
  await link.submit();
  const said = await link.alert();
  assert.match(said, /Geotab does not accept these credentials/);
  await link.inspect("wrong password");
  const value = (label) => link.field(label).inputValue();
  assert.equal(await value("Password"), "", "secrets are not sent back");
  assert.equal(await value("User name"), ACCOUNTS.geotab["User name"], "what was typed stays");
  assert.equal(await value("Database"), ACCOUNTS.geotab.Database, "what was typed stays");
  assert.deepEqual(await application.connections(), [], "nothing is connected");

  await link.fill(ACCOUNTS.geotab);
  await link.submit();
  await link.succeeded();
  assert.equal((await application.connections()).length, 1, "the next attempt connects");
}

async function exit(stage) {
  const application = await stage.application();
  const link = await stage.open(application);
  await link.choose("Samsara");
  await link.leave();
  await stage.said(link.page, "exit");
  await stage.said(link.page, "close");
  await link.page.locator("#terminal-link-overlay").waitFor({ state: "hidden" });
  assert.deepEqual(await application.connections(), []);

  await link.page.getByRole("button", { name: "Connect your fleet" }).click();
  const anew = await stage.framed(link.page);
  await anew.role("searchbox").waitFor();
}

async function foreignFrame(stage) {
  const application = await stage.application();
  const address = encodeURIComponent(stage.address(application));
  const page = await stage.page();
  stage.tolerate(/frame-ancestors/);
  const refused = page.waitForEvent("console", (message) => /frame-ancestors/.test(message.text()));
  await page.goto(`${stage.foreignHost.origin}/frame?of=${address}`);
  await refused;
  const [, frame] = page.frames();
  assert.ok(!frame.url().startsWith(LINK_URL), `it is framed: ${frame.url()}`);

  await page.goto(`${stage.host.origin}/frame?of=${address}`);
  await page.frameLocator("iframe").getByRole("searchbox").waitFor();
}

async function brokenLinks(stage) {
  stage.tolerateStatus(400, 401, 404);
  const application = await stage.application();
  const refused = async (step, address, sentence) => {
    const link = await stage.visit(address);
    await link.role("heading").first().waitFor();
    await link.inspect(step);
    const text = await link.role("main").innerText();
    assert.match(text, sentence, step);
    assert.equal(await link.role("textbox").count(), 0, `${step}: there is nothing to fill in`);
  };
  const unknown = "pk_prod_00000000000000000000000000000000";
  await refused("unknown key", `${LINK_URL}/?key=${unknown}`, /key/i);
  const wrong = { sync_mode: "sometimes", backfill_days: "many" };
  const named = /sync_mode[^]*backfill_days/;
  await refused("wrong parameters", stage.address(application, wrong), named);
  const elsewhere = { redirect_url: `${stage.foreignHost.origin}/landed` };
  await refused("foreign redirect", stage.address(application, elsewhere), /redirect|address/i);
  const nobody = `${LINK_URL}/connection/conn_01GV12VR4DJP70GD1ZBK0SDWFH`;
  const { publishableKey } = application;
  await refused("unknown connection", `${nobody}?key=${publishableKey}`, /connection|account/i);
}

export const scenarios = [{
  "wrong password": wrongPassword,
  exit,
  "foreign frame": foreignFrame,
  "broken links": brokenLinks,
}];
