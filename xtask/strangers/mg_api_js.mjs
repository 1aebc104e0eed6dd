// Reads the simulator with Geotab's own npm client, which speaks TLS only.
//
// It has two ways to send: Node's, which does not announce how long its body is, and the browser's.
// Both are used. A session that ended is the one thing that it handles by itself: it signs in anew
// and asks again.
//
// Arguments: the package's directory. The server is named by the environment; its authority is in
// NODE_EXTRA_CA_CERTS.

import { createRequire } from "node:module";
import https from "node:https";
import path from "node:path";

const [packageDirectory] = process.argv.slice(2);
const require = createRequire(path.join(packageDirectory, "package.json"));
const {
  SIMULATOR_URL: url, SIMULATOR_SECOND_URL: second, SIMULATOR_USERNAME: userName,
  SIMULATOR_PASSWORD: password, SIMULATOR_DATABASE: database,
} = process.env;
const [root, moved] = [new URL(url), new URL(second)];
// One that gives way to a hundred newer ones.
const MOST_SESSIONS = 100;

function check(what, holds) {
  console.log(`   ${holds ? "ok" : "FAILED"}: ${what}`);
  if (!holds) process.exit(1);
}

/** What a call is refused with; `undefined` if it is not. */
async function refusal(call) {
  try {
    await call();
  } catch (error) {
    return error.message;
  }
  return undefined;
}

/** Of the client, which looks here for what it remembers. */
class Store {
  sessions = [];
  get() {
    return this.held ?? false;
  }
  set(credentials, server) {
    this.held = { credentials, server };
    this.sessions.push(credentials.sessionId);
  }
  clear() {
    this.held = undefined;
  }
}

/** Signs in without the client. */
async function login() {
  const body = JSON.stringify({ method: "Authenticate", params: { userName, password, database } });
  const headers = { "Content-Type": "application/json" };
  const answer = await (await fetch(`${url}/apiv1`, { method: "POST", headers, body })).json();
  return answer.result?.credentials.sessionId;
}

let port = root.port;
const request = https.request;
/** In Node the client drops the port of where it goes, so it is put back. */
https.request = (options, answered) => request({ ...options, port }, answered);

const credentials = { database, userName, password };

async function byNode(GeotabApi) {
  const store = new Store();
  const options = { rememberMe: true, newCredentialStore: store };
  const api = new GeotabApi({ credentials: { ...credentials }, path: root.hostname }, options);
  const signedIn = await api.authenticate();
  check("Node: Authenticate names the second host", signedIn.path === moved.host);
  port = moved.port;

  const devices = await api.call("Get", { typeName: "Device" });
  const ids = new Set(devices.map((device) => device.id));
  check(`Node: Get Device: ${ids.size}, each once`, ids.size > 5 && ids.size === devices.length);
  const counted = await api.call("GetCountOf", { typeName: "Device" });
  check("Node: GetCountOf Device: as many", counted === devices.length);

  const answers = await api.multiCall([
    ["GetCountOf", { typeName: "User" }],
    ["Get", { typeName: "User" }],
    ["Get", { typeName: "Device", search: { id: "bFFFFFFF" } }],
  ]);
  check(`Node: multiCall: ${answers[0]} users, and none of an unknown id`,
    answers[0] === answers[1].length && answers[0] > 5 && answers[2].length === 0);
  const first = devices[0].id;
  await new Promise((resolve, reject) => {
    api.call("Get", { typeName: "Device", search: { id: first } }, (rows) => {
      check("Node: callbacks get the result", rows.length === 1 && rows[0].id === first);
      resolve();
    }, reject);
  });
  await refusals(api, GeotabApi, options);
  await sessions(api, store);
  return devices.length;
}

async function refusals(api, GeotabApi, options) {
  const unknown = await refusal(() => api.call("Get", { typeName: "Nonsense" }));
  check("Node: an unknown entity: MissingMethodException",
    unknown?.startsWith("MissingMethodException: "));
  const sort = { sortBy: "id", sortDirection: "asc", offset: null };
  const unsorted = await refusal(() => api.call("Get", { typeName: "ExceptionEvent", sort }));
  check("Node: exceptions by id: ArgumentException", unsorted?.startsWith("ArgumentException: "));
  const several = await refusal(() => api.multiCall([
    ["GetCountOf", { typeName: "Device" }], ["Get", { typeName: "Nonsense" }],
  ]));
  check("Node: multiCall: a failure is that of its call",
    several?.startsWith("MissingMethodException: "));
  port = root.port;
  const stranger = new GeotabApi(
    { credentials: { ...credentials, password: "wrong" }, path: root.hostname },
    { ...options, newCredentialStore: new Store() },
  );
  const wrong = await refusal(() => stranger.authenticate());
  check("Node: a wrong password: InvalidUserException",
    wrong?.startsWith("InvalidUserException: "));
  port = moved.port;
}

/** A hundred newer sessions end the client's. */
async function sessions(api, store) {
  const before = store.held.credentials.sessionId;
  const newer = [];
  for (let count = 0; count < MOST_SESSIONS; count++) newer.push(await login());
  check(`${MOST_SESSIONS} logins beside it: a session each`, new Set(newer).size === MOST_SESSIONS);
  const body = JSON.stringify({
    method: "GetCountOf",
    params: { typeName: "Device", credentials: { database, userName, sessionId: before } },
  });
  const headers = { "Content-Type": "application/json" };
  const answer = await (await fetch(`${second}/apiv1`, { method: "POST", headers, body })).json();
  check("the client's session ended: InvalidUserException",
    answer.error?.data.type === "InvalidUserException");
  const devices = await api.call("Get", { typeName: "Device" });
  const after = store.held.credentials.sessionId;
  check("Node: signs in anew by itself, and gets its answer",
    devices.length > 5 && after !== before && !newer.includes(after));
}

async function byFetch(GeotabApi, counted) {
  const options = { rememberMe: false, fullResponse: true };
  const api = new GeotabApi({ credentials: { ...credentials }, path: root.host }, options);
  const answer = await api.call("GetCountOf", { typeName: "Device" });
  check("fetch: follows `path` to the second host, and counts as many",
    new URL(answer.url).host === moved.host && answer.data.result === counted);
  const none = await api.call("GetCountOf", { typeName: "Device", search: { id: "bFFFFFFF" } });
  check("fetch: nothing is counted of an unknown id", none.data.result === 0);
}

function load() {
  const entry = require.resolve(packageDirectory);
  delete require.cache[entry];
  return require(entry);
}

const counted = await byNode(load());
// It looks for a window when it is loaded, and takes the browser's way if there is one.
globalThis.window = globalThis;
await byFetch(load(), counted);
