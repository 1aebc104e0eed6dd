"""Pulls the simulated fleet with fleetpull, whose models hold what a census of a live tenant saw.

It is stricter than the vendor's document: every endpoint is read window by window up to today, and
a key that the census found everywhere must be there. Two such keys are optional in the vendor's
document, and the simulator makes use of that, because a connector must bear their absence; they are
optional here too. What they hold is still checked.

Arguments: the simulator's base URL, its token, days of history to pull, an empty directory.
"""

import sys
from pathlib import Path

from fleetpull.models.samsara import driver, gps_reading

import fleetpull_run

ENDPOINTS = (
    "vehicles", "drivers", "trips", "idling_events", "addresses", "engine_states", "gps_readings",
    "odometer_readings", "asset_locations", "driver_vehicle_assignments",
    "vehicle_fuel_energy_reports", "driver_fuel_energy_reports",
)
# What the census saw in every row, and the vendor's document says may be absent.
OPTIONAL = (
    (gps_reading.GpsReading, "reverse_geo"),
    (driver.DriverTagRef, "parent_tag_id"),
)
# The simulated account has no address book.
EMPTY = ("addresses",)


def make_optional(model, name):
    field = model.model_fields[name]
    field.annotation = field.annotation | None
    field.default = None
    model.model_rebuild(force=True)


def section(url, token):
    return f"""
    api_key: {token}
    base_url: {url}
    endpoints: [{", ".join(ENDPOINTS)}]
    rate_limit:
      {{requests_per_period: 60000, period_seconds: 60.0, burst: 1000, max_concurrency: 4}}
"""


def main():
    url, token, days, directory = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
    for model, name in OPTIONAL:
        make_optional(model, name)
    # It holds the second of them, and was compiled with it.
    driver.Driver.model_rebuild(force=True)
    fleetpull_run.sync("samsara", section(url, token), days, directory)
    fleetpull_run.count(directory, "samsara", ENDPOINTS, EMPTY)


if __name__ == "__main__":
    main()
