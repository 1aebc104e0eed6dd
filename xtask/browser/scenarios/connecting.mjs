// Accounts that are connected: by key, by password and by OAuth, and what comes of it.

import assert from "node:assert/strict";
import { ACCOUNTS } from "../accounts.mjs";
import { ASKING } from "../stage.mjs";

/// The token that Link gave the host's page becomes a connection, and that its data.
export async function exchanged(stage, application, page) {
  const { publicToken } = await stage.said(page, "success");
  assert.match(publicToken, /^pub_tkn_\w{32}$/);
  return application.exchange(publicToken);
}

async function samsaraByKey(stage) {
  const application = await stage.application();
  const params = {
    company: { name: "Bluebird <Freight>" },
    externalId: "customer-17",
    tags: ["west", "gold"],
    backfill: { days: 1 },
  };
  const link = await stage.open(application, { params });
  await link.role("searchbox").waitFor();
  await link.inspect("providers");
  await link.role("searchbox").fill("sams");
  await link.frame.getByText("Providers found: 1").waitFor();
  assert.equal(await link.role("listitem").count(), 1, "the others are not shown");
  await link.inspect("providers found");
  await link.choose("Samsara");
  await link.inspect("Samsara");
  await link.fill(ACCOUNTS.samsara);
  await link.submit();
  await link.succeeded();
  await link.inspect("connected");

  const connection = await exchanged(stage, application, link.page);
  assert.equal(connection.status, "connected");
  assert.equal(connection.provider.code, "samsara");
  assert.equal(connection.company.name, "Bluebird <Freight>");
  assert.equal(connection.externalId, "customer-17");
  assert.deepEqual(connection.tags.toSorted(), ["gold", "west"]);
  assert.ok(await application.synced(connection) > 0, "the first sync brought vehicles");
  const [agreement] = (await application.get("/connections/current", connection)).agreements;
  assert.match(agreement.id, /^agr_/);
  const agreed = await (await fetch(agreement.agreementUrl)).text();
  assert.ok(agreed.includes(ASKING) && agreed.includes("Samsara"), agreed);

  const { publicToken } = await stage.said(link.page, "success");
  const again = await application.ask("POST", "/public-token/exchange", { body: { publicToken } });
  assert.equal(again.status, 400, "a public token is used once");

  await link.done();
  await stage.said(link.page, "close");
  await link.page.locator("#terminal-link-overlay").waitFor({ state: "hidden" });
}

/// Signs in at the provider in the window that Link opens.
async function byOauth(stage, provider, choice) {
  const application = await stage.application();
  const link = await stage.open(application, { params: { provider: provider.toLowerCase() } });
  await link.role("heading", provider).waitFor();
  await link.inspect(provider);
  const popup = await link.signInElsewhere(provider);
  await popup.getByRole("button", { name: choice }).click();
  return { application, link, popup };
}

async function samsaraByOauth(stage) {
  const { application, link } = await byOauth(stage, "Samsara", "Approve");
  await link.succeeded();
  const connection = await exchanged(stage, application, link.page);
  assert.equal(connection.provider.code, "samsara");
  assert.ok(await application.synced(connection) > 0, "the first sync brought vehicles");
}

async function geotabByPassword(stage) {
  const application = await stage.application();
  const link = await stage.open(application);
  await link.search("geotab");
  await link.choose("Geotab");
  await link.inspect("Geotab");
  await link.fill(ACCOUNTS.geotab);
  await link.submit();
  await link.succeeded();
  const connection = await exchanged(stage, application, link.page);
  assert.equal(connection.provider.code, "geotab");
  assert.ok(await application.synced(connection) > 0, "the first sync brought vehicles");
}

async function motiveByOauth(stage) {
  const { application, link } = await byOauth(stage, "Motive", "Approve");
  await link.succeeded();
  const connection = await exchanged(stage, application, link.page);
  assert.equal(connection.provider.code, "motive");
  assert.ok(await application.synced(connection) > 0, "the first sync brought vehicles");
}

async function oauthDenied(stage) {
  const { application, link } = await byOauth(stage, "Motive", "Deny");
  assert.match(await link.alert(), /did not give your consent at Motive/);
  await link.inspect("consent denied");
  assert.deepEqual(await application.connections(), [], "nothing is connected");

  const popup = await link.signInElsewhere("Motive");
  await popup.getByRole("button", { name: "Approve" }).click();
  await link.succeeded();
}

async function withReact(stage) {
  const application = await stage.application();
  const link = await stage.open(application, { params: { provider: "samsara" } }, "/with-react");
  await link.fill(ACCOUNTS.samsara);
  await link.submit();
  await link.succeeded();
  const connection = await exchanged(stage, application, link.page);
  assert.equal(connection.provider.code, "samsara");
}

export const scenarios = [{
  "Samsara by key": samsaraByKey,
  "Samsara by OAuth": samsaraByOauth,
  "Geotab by password": geotabByPassword,
  "Motive by OAuth": motiveByOauth,
  "OAuth denied": oauthDenied,
  "opened by React": withReact,
}];
