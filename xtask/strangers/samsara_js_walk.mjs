// Walks the simulator with the vendor's npm client, whose pager goes on over empty pages.
//
// It checks no shapes (`samsara_js_shapes.mjs` does); this is about requests as this client makes
// them: repeated query keys, its version header, its paging and its errors.
//
// Arguments: the simulator's base URL, its token, the package's directory.

import { createRequire } from "node:module";
import path from "node:path";

const [url, token, packageDirectory] = process.argv.slice(2);
const require = createRequire(path.join(packageDirectory, "package.json"));
const { SamsaraClient, SamsaraError } = require("@samsarahq/samsara");

function check(what, holds) {
  console.log(`   ${holds ? "ok" : "FAILED"}: ${what}`);
  if (!holds) process.exit(1);
}

async function all(page) {
  const rows = [];
  for await (const row of await page) rows.push(row);
  return rows;
}

async function walk(read, request) {
  const rows = [];
  let after;
  do {
    const page = await read(after ? { ...request, after } : request);
    rows.push(...page.data);
    after = page.pagination.hasNextPage ? page.pagination.endCursor : undefined;
  } while (after);
  return rows;
}

const client = new SamsaraClient({ token, baseUrl: url });
const now = Date.now();
const DAY_MS = 86_400_000;
const window = {
  startTime: new Date(now - 3 * DAY_MS).toISOString(),
  endTime: new Date(now).toISOString(),
};

const vehicles = (await all(client.vehicles.list({ limit: 5 }))).map((vehicle) => vehicle.id);
check(`vehicles.list: ${vehicles.length}, each once`,
  vehicles.length > 5 && new Set(vehicles).size === vehicles.length);
const drivers = await all(client.drivers.list({ limit: 4 }));
check(`drivers.list: ${drivers.length}`, drivers.length > 4);
const trailers = await all(client.assets.list({ type: "trailer" }));
check(`assets.list: ${trailers.length} trailers`, trailers.length > 0);

const stats = await walk((request) => client.vehicleStats.getVehicleStats(request), {
  types: ["gps", "engineStates", "fuelPercents"],
});
check(`vehicleStats: ${stats.length} vehicles with three types, repeated keys`,
  stats.some((row) => row.gps && row.engineState));
const history = await walk((request) => client.vehicleStats.getVehicleStatsHistory(request), {
  types: ["faultCodes"], vehicleIds: vehicles.slice(0, 3), ...window,
});
check(`vehicleStats history: ${history.length} of three vehicles`,
  history.length > 0 && history.every((row) => vehicles.slice(0, 3).includes(row.id)));
const feed = await client.vehicleStats.getVehicleStatsFeed({ types: ["gps"] });
check("vehicleStats feed: names a cursor", Boolean(feed.pagination.endCursor));

const logs = await walk((request) => client.hoursOfService.getHosLogs(request), window);
check(`HOS logs: ${logs.length} drivers`, logs.some((row) => row.hosLogs.length > 0));
const trips = await walk((request) => client.trips.getTrips(request), {
  ids: vehicles, queryBy: "tripStartTime", ...window,
});
check(`trips: ${trips.length}`, trips.length > 0);
const events = await walk((request) => client.safety.getSafetyEventsV2Stream(request), {
  includeVgOnlyEvents: true, ...window,
});
check(`safety events: ${events.length}`, events.length > 0);
const assignments = await walk(
  (request) => client.driverVehicleAssignments.getDriverVehicleAssignments(request),
  { filterBy: "vehicles", ...window },
);
check(`assignments: ${assignments.length}`, assignments.length > 0);

try {
  await new SamsaraClient({ token: "wrong", baseUrl: url }).tags.listTags();
  check("a wrong token is refused", false);
} catch (error) {
  check("a wrong token: 401", error instanceof SamsaraError && error.statusCode === 401);
}
