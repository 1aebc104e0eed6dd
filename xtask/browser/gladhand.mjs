// The server as its operator and its clients speak to it: commands, and the API.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { until } from "./patience.mjs";

const run = promisify(execFile);
const { PROGRAM, SERVER_DATA, API_URL } = process.env;
export const LINK_URL = process.env.LINK_URL;

/// A command of the operator; its answer as JSON.
export async function gladhand(...words) {
  const command = ["--data", SERVER_DATA, ...words, "--format", "json"];
  const { stdout } = await run(PROGRAM, command);
  return stdout.trim() ? JSON.parse(stdout) : undefined;
}

/// An application with one key of each kind.
export class Application {
  static async make(name, addresses, environment = "production") {
    const made = await gladhand("application", "create", name, "--environment", environment);
    const application = new Application(made.id);
    const key = (kind) => gladhand("key", "create", "--kind", kind, "--application", made.id);
    const [secret, publishable] = await Promise.all([
      key("secret"),
      key("publishable"),
      addresses.length ? gladhand("application", "set", made.id, ...addresses) : undefined,
    ]);
    application.secretKey = secret.key;
    application.publishableKey = publishable.key;
    return application;
  }

  constructor(id) {
    this.id = id;
  }

  /// Status and body of a request to the API.
  async ask(method, path, { body, connection, headers } = {}) {
    const answer = await fetch(`${API_URL}/tsp/v1${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.secretKey}`,
        ...(connection && { "Connection-Token": connection.token }),
        ...(body && { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : null };
  }

  /// The body of an answer that must be good.
  async get(path, connection) {
    return this.#good("GET", path, { connection });
  }

  async post(path, body, connection) {
    return this.#good("POST", path, { body, connection });
  }

  async patch(path, body, connection) {
    return this.#good("PATCH", path, { body, connection });
  }

  async #good(method, path, options) {
    const { status, body } = await this.ask(method, path, options);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async exchange(publicToken) {
    return this.post("/public-token/exchange", { publicToken });
  }

  async connections() {
    return (await this.get("/connections")).results;
  }

  /// Waits until the newest sync is over; how many vehicles it brought.
  async synced(connection) {
    const sync = await until("the first sync", async () => {
      const { lastSync } = await this.get("/connections/current", connection);
      return ["completed", "failed"].includes(lastSync?.status) && lastSync;
    });
    if (sync.status !== "completed") throw new Error(`the first sync: ${JSON.stringify(sync)}`);
    return (await this.get("/vehicles", connection)).results.length;
  }
}
