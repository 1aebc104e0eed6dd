"""Pulls the simulated fleet with fleetpull over Motive's wire, and compares it with the server.

fleetpull's models are a census of a live company. Two rows a page, so that nearly every list has
pages. What it wrote is then held against what the simulator says itself: as many vehicles, users
and groups as its pages announce, and no trip, idling or rollup of a vehicle that it does not list.

Arguments: days of history to pull, an empty directory. The server is named by the environment.
"""

import sys
from pathlib import Path

import httpx

import fleetpull_run
from strangers import check, simulator

ENDPOINTS = (
    "vehicles", "users", "groups", "vehicle_locations", "driving_periods", "idle_events",
    "vehicle_utilizations", "driver_idle_rollups",
)
# Whose pages announce how many rows there are, and where they are listed.
LISTS = (("vehicles", "/v1/vehicles"), ("users", "/v1/users"), ("groups", "/v1/groups"))


def section(server):
    return f"""
    api_key: {server["APIKEY"]}
    base_url: {server["URL"]}
    records_per_page: 2
    endpoints: [{", ".join(ENDPOINTS)}]
    rate_limit:
      {{requests_per_period: 60000, period_seconds: 60.0, burst: 1000, max_concurrency: 8}}
"""


def compare(server, days, directory):
    def rows(endpoint):
        return fleetpull_run.rows(directory, "motive", endpoint)

    client = httpx.Client(
        base_url=server["URL"], headers={"X-Api-Key": server["APIKEY"]}, timeout=60.0)
    for endpoint, path in LISTS:
        total = client.get(path, params={"per_page": 1}).json()["pagination"]["total"]
        check(f"{endpoint}: all of the {total} that are announced", rows(endpoint).height == total)
    vehicles = set(rows("vehicles")["vehicle_id"])
    for endpoint in ("driving_periods", "idle_events", "vehicle_utilizations"):
        named = set(rows(endpoint)["vehicle__vehicle_id"])
        check(f"{endpoint}: of {len(named)} vehicles, all of them listed", named <= vehicles)
    utilization = rows("vehicle_utilizations")
    read = utilization["window_start"].n_unique()
    check(f"vehicle_utilizations: the whole fleet on each of {read} days",
          read >= days and utilization.height == read * len(vehicles))
    periods = rows("driving_periods")
    day = periods["start_time"].dt.date().max()
    asked = {"start_date": day.isoformat(), "end_date": day.isoformat(), "per_page": 1}
    total = client.get("/v1/driving_periods", params=asked).json()["pagination"]["total"]
    found = periods.filter(periods["start_time"].dt.date() == day).height
    check(f"driving_periods: all {total} of the last day", found == total)


def main():
    days, directory = int(sys.argv[1]), Path(sys.argv[2])
    server = simulator()
    fleetpull_run.sync("motive", section(server), days, directory)
    fleetpull_run.count(directory, "motive", ENDPOINTS, ())
    compare(server, days, directory)


if __name__ == "__main__":
    main()
