// The simulated Samsara under the name of another organisation, until it drops the disguise: what
// looked like one account then turns out to be another.

import { createServer } from "node:http";

const OTHER = "9000001";

export class Disguise {
  static async start(upstream) {
    const disguise = new Disguise(upstream);
    await new Promise((resolve) => disguise.server.listen(0, "127.0.0.1", resolve));
    disguise.url = `http://127.0.0.1:${disguise.server.address().port}`;
    return disguise;
  }

  constructor(upstream) {
    this.upstream = upstream;
    this.isOn = true;
    this.server = createServer((request, response) => {
      this.#pass(request, response).catch((error) => response.writeHead(502).end(String(error)));
    });
  }

  async #pass({ method, url, headers }, response) {
    const { authorization } = headers;
    const answer = await fetch(`${this.upstream}${url}`, { method, headers: { authorization } });
    let body = await answer.text();
    if (this.isOn && url.startsWith("/me")) {
      const account = JSON.parse(body);
      account.data.id = OTHER;
      body = JSON.stringify(account);
    }
    response.writeHead(answer.status, { "Content-Type": answer.headers.get("content-type") });
    response.end(body);
  }

  drop() {
    this.isOn = false;
  }

  stop() {
    this.server.closeAllConnections();
    this.server.close();
  }
}
