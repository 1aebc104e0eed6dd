// Runs the scenarios, a few beside each other: `node run.mjs [WORD OF A NAME]`.
//
// Started by `cargo xtask browser`, which provides server, simulators, browser and packages and
// tells where they are in the environment.

import { Host } from "./host.mjs";
import { launch, Stage } from "./stage.mjs";
import * as access from "./scenarios/access.mjs";
import * as again from "./scenarios/again.mjs";
import * as connecting from "./scenarios/connecting.mjs";
import * as links from "./scenarios/links.mjs";
import * as refusals from "./scenarios/refusals.mjs";

const SCENARIO_LIMIT_MS = 90_000;
/// Each has a context and an application of its own, and waits more than it works.
const AT_ONCE = 3;

const word = (process.argv[2] ?? "").toLowerCase();
// The longest first, so that none is left over at the end.
const all = [access, connecting, refusals, again, links].flatMap((file) => file.scenarios);
const scenarios = Object.entries(Object.assign({}, ...all))
  .filter(([name]) => name.toLowerCase().includes(word));

async function limited(scenario, stage) {
  let timer;
  const late = new Promise((_, reject) => {
    const reason = new Error(`not over after ${SCENARIO_LIMIT_MS / 1000} s`);
    timer = setTimeout(() => reject(reason), SCENARIO_LIMIT_MS);
  });
  try {
    await Promise.race([scenario(stage), late]);
  } finally {
    clearTimeout(timer);
  }
}

const browser = await launch();
const [host, foreignHost] = [await Host.start(), await Host.start()];
let failed = 0;

async function run(name, scenario) {
  const stage = new Stage(browser, host, foreignHost, name);
  const start = Date.now();
  let outcome = "ok";
  try {
    await limited(scenario, stage);
    stage.settle();
  } catch (error) {
    outcome = "FAILED";
    failed += 1;
    console.log(`${error.stack ?? error}\n${await stage.keepEvidence()}`);
  }
  await stage.close();
  console.log(`   ${name}: ${outcome}, ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

const waiting = scenarios.values();
await Promise.all(Array.from({ length: AT_ONCE }, async () => {
  for (const [name, scenario] of waiting) await run(name, scenario);
}));
await browser.close();
host.stop();
foreignHost.stop();
const passed = scenarios.length - failed;
console.log(`test result: ${failed ? "FAILED" : "ok"}. ${passed} passed; ${failed} failed`);
process.exitCode = failed ? 1 : 0;
