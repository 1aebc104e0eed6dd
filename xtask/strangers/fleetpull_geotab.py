"""Pulls the simulated fleet with fleetpull over MyGeotab's wire, and compares it with the server.

fleetpull's models hold what was seen on a live database: the grammar of spans of time, references
in two shapes, keys that are absent and never null. It walks lists by their ids and holds them
against `GetCountOf`, asks windows of trips and halves those of exceptions, and follows fourteen
feeds by version. What it wrote is then held against plain `Get`s of the same days.

Arguments: days of history to pull, an empty directory. The server is named by the environment;
its authority in `SSL_CERT_FILE`, since the client speaks TLS only.
"""

import sys
from datetime import datetime, time, timedelta, timezone
from pathlib import Path

import httpx

import fleetpull_run
from strangers import check, rfc3339, simulator

LISTS = {"devices": "Device", "users": "User"}
# With the time that places a row. These are read by windows of whole days, up to the last midnight,
WINDOWS = {
    "trips": ("Trip", "stop"),
    "exception_events": ("ExceptionEvent", "activeFrom"),
}
# and these up to the present.
FEEDS = {
    "log_records": ("LogRecord", "dateTime"),
    "status_data": ("StatusData", "dateTime"),
    "fault_data": ("FaultData", "dateTime"),
    "duty_status_logs": ("DutyStatusLog", "dateTime"),
    "driver_changes": ("DriverChange", "dateTime"),
    "fuel_tax_details": ("FuelTaxDetail", "enterTime"),
    "fuel_and_energy_used": ("FuelAndEnergyUsed", "dateTime"),
    "annotation_logs": ("AnnotationLog", "dateTime"),
}
COLUMNS = {"stop": "stop", "activeFrom": "active_from", "dateTime": "date_time",
           "enterTime": "enter_time"}
# Entities that exist, and of which the simulated database has none.
EMPTY = ("audits", "dvir_logs", "fill_ups", "media_files", "shipment_logs", "text_messages")


def section(server):
    host = server["URL"].removeprefix("https://")
    much = "requests_per_period: 60000, period_seconds: 60.0, burst: 1000, max_concurrency: 2"
    return f"""
    auth:
      username: {server["USERNAME"]}
      password: {server["PASSWORD"]}
      database: {server["DATABASE"]}
      server: "{host}"
    endpoints: [{", ".join([*LISTS, *WINDOWS, *FEEDS, *EMPTY])}]
    rate_limit: {{{much}}}
    feed_rate_limit: {{{much}}}
"""


class Account:
    """Plain calls, without anything that fleetpull knows."""

    def __init__(self, server):
        self.client = httpx.Client(timeout=60.0)
        self.base_url = server["URL"]
        names = {"userName": "USERNAME", "password": "PASSWORD", "database": "DATABASE"}
        login = self.call("Authenticate", **{name: server[key] for name, key in names.items()})
        self.credentials = login["credentials"]
        moved = server.get("SECOND_URL", self.base_url)
        check("Authenticate: names the second host",
              login["path"] == moved.removeprefix("https://"))
        self.base_url = moved

    def call(self, method, **params):
        if method != "Authenticate":
            params["credentials"] = self.credentials
        answer = self.client.post(
            f"{self.base_url}/apiv1", json={"method": method, "params": params}).json()
        if "error" in answer:
            sys.exit(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def ids(self, entity, key, first, last):
        """Of the rows with times between the two, asked for by windows that no limit cuts."""
        found, step, start = set(), timedelta(hours=6), first
        while start <= last:
            until = min(start + step, last)
            search = {"fromDate": rfc3339(start), "toDate": rfc3339(until)}
            rows = self.call("Get", typeName=entity, search=search)
            if len(rows) >= 5_000:
                check(f"Get {entity}: {len(rows)} rows of {step} may have been cut", False)
            found |= {row["id"] for row in rows if "id" in row
                      and first <= parsed(row[key]) <= last}
            start = until + timedelta(milliseconds=1)
        return found


def parsed(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def compare_lists(account, rows):
    for endpoint, entity in LISTS.items():
        counted = account.call("GetCountOf", typeName=entity)
        check(f"{endpoint}: all {counted} that are counted", rows(endpoint).height == counted)


class Bounds:
    """Both kinds of reading, by when it is done: time goes on, and rows with it."""

    def __init__(self, days):
        today = datetime.now(timezone.utc).date()
        self.first = datetime.combine(fleetpull_run.first_day(days), time.min, timezone.utc)
        self.midnight = datetime.combine(today, time.min, timezone.utc)

    def all_ids(self, account):
        now = datetime.now(timezone.utc).replace(microsecond=0)
        before_today = self.midnight - timedelta(milliseconds=1)
        found = {endpoint: account.ids(entity, key, self.first, before_today)
                 for endpoint, (entity, key) in WINDOWS.items()}
        return found | {endpoint: account.ids(entity, key, self.first, now)
                        for endpoint, (entity, key) in FEEDS.items()}


def compare(rows, bounds, before, after):
    for endpoint, (_, key) in [*WINDOWS.items(), *FEEDS.items()]:
        table, column = rows(endpoint), COLUMNS[key]
        table = table.filter(table[column] >= bounds.first)
        if endpoint in WINDOWS:
            table = table.filter(table[column] < bounds.midnight)
        pulled = set(table["id"])
        check(f"{endpoint}: all {len(before[endpoint])} that Get had before",
              before[endpoint] <= pulled)
        check(f"{endpoint}: none that Get has not by now",
              pulled <= before[endpoint] | after[endpoint])


def main():
    days, directory = int(sys.argv[1]), Path(sys.argv[2])
    server = simulator()

    def rows(endpoint):
        return fleetpull_run.rows(directory, "geotab", endpoint)

    account, bounds = Account(server), Bounds(days)
    before = bounds.all_ids(account)
    fleetpull_run.sync("geotab", section(server), days, directory)
    endpoints = [*LISTS, *WINDOWS, *FEEDS, *EMPTY]
    fleetpull_run.count(directory, "geotab", endpoints, EMPTY)
    compare_lists(account, rows)
    compare(rows, bounds, before, bounds.all_ids(account))


if __name__ == "__main__":
    main()
