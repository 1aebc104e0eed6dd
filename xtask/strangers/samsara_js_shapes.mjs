// Writes the simulator's answers down as TypeScript literals of the vendor's npm package's types:
// `tsc` then finds what is missing, mistyped, or unknown in them.
//
// The package itself checks nothing at run time. Which method asks for which path, and what type
// it promises, is read from its compiled client; so each path that it knows and the simulator
// serves is in, without a list here. Only questions that need parameters have a line below, and
// one without its line fails.
//
// Arguments: the simulator's base URL, its token, the package's directory, the file to write.

import fs from "node:fs";
import path from "node:path";

const [url, token, packageDirectory, target] = process.argv.slice(2);
const now = Date.now();
const HOUR_MS = 3_600_000;
const time = (hoursAgo) => new Date(now - hoursAgo * HOUR_MS).toISOString();
const month = new Date(now - 24 * HOUR_MS);

async function ask(route, parameters = {}) {
  const query = new URLSearchParams(parameters).toString();
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${url}${route}${query ? `?${query}` : ""}`, { headers });
  return { status: answer.status, text: await answer.text() };
}

async function ids(route) {
  return JSON.parse((await ask(route)).text).data.map((row) => row.id);
}

// Every GET of the package: its path, and the type of its answer.
function promises() {
  const resources = path.join(packageDirectory, "dist", "cjs", "api", "resources");
  const found = new Map();
  for (const resource of fs.readdirSync(resources)) {
    const client = path.join(resources, resource, "client", "Client");
    if (!fs.existsSync(`${client}.js`)) continue;
    const types = new Map();
    for (const line of fs.readFileSync(`${client}.d.ts`, "utf8").split("\n")) {
      const signature = /^ {4}(\w+)\(.*(?:HttpResponsePromise<|, )Samsara\.(\w+)>+;$/.exec(line);
      if (signature) types.set(signature[1], signature[2]);
    }
    let method;
    for (const line of fs.readFileSync(`${client}.js`, "utf8").split("\n")) {
      method = /^ {4}(?:__)?(\w+)\(/.exec(line)?.[1] ?? method;
      const route = /"GET", "(\/[^"{]*)"\)/.exec(line)?.[1];
      if (route && types.has(method)) found.set(route, types.get(method));
    }
  }
  return found;
}

// Where answers that were recorded, or the vendor's newer documents, are known to differ from the
// package's types, by path and member. The member alone is replaced (undefined: left out), so that
// everything beside it is still compared.
const AMENDED = {
  // The first is in recorded answers and no document; the others came after this release.
  "/fleet/drivers": {
    hosSetting: () => undefined, email: () => undefined, dateOfBirth: () => undefined,
  },
  // Empty while the driver's app is disconnected.
  "/fleet/hos/clocks": { hosStatusType: (status) => status || undefined },
  // Two values written as one, by a slip of the package's generator.
  "/idling/events": {
    ptoState: (state) => (["active", "inactive"].includes(state) ? "active, inactive" : state),
  },
};

function amend(value, amended) {
  if (Array.isArray(value)) return value.map((item) => amend(item, amended));
  if (value === null || typeof value !== "object") return value;
  const members = Object.entries(value).map(([name, item]) => {
    const change = amended[name];
    return [name, change ? change(item) : amend(item, amended)];
  });
  return Object.fromEntries(members);
}

const vehicles = await ids("/fleet/vehicles");
const lastDay = { startTime: time(24), endTime: time(0) };
const threeDays = { startTime: time(72), endTime: time(0) };
const yesterday = { startDate: time(24), endDate: time(24) };
const stream = await ask("/safety-events/stream", threeDays);
const events = JSON.parse(stream.text).data.map((event) => event.id);
const PARAMETERS = {
  "/assets": { includeExternalIds: true, includeTags: true },
  "/assets/location-and-speed/stream": {
    ids: vehicles.slice(0, 3), ...lastDay, includeSpeed: true, includeReverseGeo: true,
    includeExternalIds: true,
  },
  "/cameras/media": { vehicleIds: vehicles.slice(0, 20), startTime: time(23), endTime: time(0) },
  "/devices": { includeHealth: true, includeTags: true },
  "/fleet/driver-vehicle-assignments": { filterBy: "vehicles", ...threeDays },
  "/fleet/hos/daily-logs": { startDate: time(72).slice(0, 10), endDate: time(0).slice(0, 10) },
  "/fleet/hos/logs": threeDays,
  "/fleet/hos/violations": threeDays,
  "/fleet/reports/drivers/fuel-energy": yesterday,
  "/fleet/reports/ifta/vehicle": {
    year: month.getUTCFullYear(),
    month: month.toLocaleString("en-US", { month: "long", timeZone: "UTC" }),
  },
  "/fleet/reports/vehicles/fuel-energy": yesterday,
  "/fleet/safety-events": threeDays,
  "/fleet/trailers/stats": { types: "gps,gpsOdometerMeters" },
  "/fleet/vehicles/locations/history": lastDay,
  "/fleet/vehicles/stats": { types: "gps,engineStates,fuelPercents" },
  "/fleet/vehicles/stats/feed": { types: "gps,engineStates,obdOdometerMeters" },
  "/fleet/vehicles/stats/history": { types: "faultCodes,engineStates,fuelPercents", ...threeDays },
  "/idling/events": { ...threeDays, includeExternalIds: true },
  "/safety-events": {
    safetyEventIds: events.slice(0, 10), includeAsset: true, includeDriver: true,
    includeVgOnlyEvents: true,
  },
  "/safety-events/stream": {
    ...threeDays, includeAsset: true, includeDriver: true, includeVgOnlyEvents: true,
  },
  "/trips/stream": { ...threeDays, ids: vehicles, includeAsset: true, queryBy: "tripStartTime" },
  "/v1/fleet/trips": { vehicleId: vehicles[0], startMs: now - 72 * HOUR_MS, endMs: now },
};

let text = 'import type { Samsara } from "@samsarahq/samsara";\n';
let written = 0;
for (const [route, type] of [...promises()].sort()) {
  const answer = await ask(route, PARAMETERS[route]);
  if (answer.status === 404) continue;
  if (answer.status !== 200) {
    console.error(`${route}: ${answer.status} ${answer.text.slice(0, 300)}`);
    process.exit(1);
  }
  const body = JSON.stringify(amend(JSON.parse(answer.text), AMENDED[route] ?? {}), null, 1);
  text += `// ${route}\nexport const answer${written}: Samsara.${type} = ${body};\n`;
  written += 1;
  console.log(`   written: ${route} as ${type}`);
}
fs.writeFileSync(target, text);
// Fewer would mean that the package is made otherwise than this script believes.
if (written < 25) {
  console.error(`only ${written} paths are known to both`);
  process.exit(1);
}
