// Accounts that are known already: signing in again, another account's credentials, and consents
// that merge.

import assert from "node:assert/strict";
import { ACCOUNTS, CREDENTIALS, SIMULATORS } from "../accounts.mjs";
import { gladhand, LINK_URL } from "../gladhand.mjs";
import { Disguise } from "../disguise.mjs";
import { exchanged } from "./connecting.mjs";

/// A connection made by the operator; its whole record.
async function connected(application, provider, ...flags) {
  const credentials = Object.entries(CREDENTIALS[provider])
    .flatMap(([name, value]) => ["--credential", `${name}=${value}`]);
  const command = ["connection", "create", "--application", application.id];
  const made = await gladhand(...command, "--provider", provider, ...credentials, ...flags);
  const { token } = await gladhand("connection", "show", made.id, "--token");
  await application.synced({ token });
  return { id: made.id, token };
}

async function disconnected(application, connection) {
  const body = { status: "disconnected" };
  return application.patch("/connections/current", body, connection);
}

async function signInAgain(stage) {
  const application = await stage.application();
  const known = await connected(application, "geotab", "--days", "1");
  const { linkUrl, status } = await disconnected(application, known);
  assert.equal(status, "disconnected");
  assert.ok(linkUrl.startsWith(`${LINK_URL}/connection/${known.id}?key=`), linkUrl);

  const link = await stage.open(application, { connectionId: known.id });
  await link.role("heading", "Geotab").waitFor();
  await link.inspect("sign in again");
  await link.fill(ACCOUNTS.geotab);
  await link.submit();
  await link.succeeded();
  const connection = await exchanged(stage, application, link.page);
  assert.equal(connection.id, known.id);
  assert.equal(connection.token, known.token);
  assert.equal(connection.status, "connected");
}

/// From the address that the API gives, such as a mail has it, on a page of its own.
async function signInByAddress(stage) {
  const application = await stage.application();
  const known = await connected(application, "samsara", "--days", "1");
  const { linkUrl } = await disconnected(application, known);
  const link = await stage.visit(linkUrl);
  await link.fill(ACCOUNTS.samsara);
  await link.submit();
  await link.succeeded();
  const { status } = await application.get("/connections/current", known);
  assert.equal(status, "connected");
}

async function otherAccount(stage) {
  stage.tolerateStatus(422);
  const application = await stage.application();
  const disguise = await Disguise.start(SIMULATORS.samsara);
  try {
    const flags = ["--days", "1", "--base-url", disguise.url];
    const known = await connected(application, "samsara", ...flags);
    await disconnected(application, known);
    disguise.drop();
    const link = await stage.open(application, { connectionId: known.id });
    await link.fill(ACCOUNTS.samsara);
    await link.submit();
    assert.match(await link.alert(), /another Samsara account/);
    await link.inspect("other account");
    const { status } = await application.get("/connections/current", known);
    assert.equal(status, "disconnected");
  } finally {
    disguise.stop();
  }
}

async function merges(stage) {
  const application = await stage.application();
  const connect = async (tags) => {
    const params = { provider: "samsara", externalId: "customer-17", tags };
    const link = await stage.open(application, { params });
    await link.fill(ACCOUNTS.samsara);
    await link.submit();
    await link.succeeded();
    return exchanged(stage, application, link.page);
  };
  const first = await connect(["west"]);
  const second = await connect(["gold"]);
  assert.equal(second.id, first.id);
  assert.equal(second.token, first.token);
  assert.deepEqual(second.tags.toSorted(), ["gold", "west"]);
  assert.equal((await application.connections()).length, 1);
}

export const scenarios = [{
  "signing in again": signInAgain,
  "signing in again by address": signInByAddress,
  "other account": otherAccount,
  "the same account merges": merges,
}];
