"""Reads the simulator with Geotab's own Python client: calls, its asynchronous form, its feed.

The client raises for every error that an answer has in the form that it reads, and returns what an
answer holds, so the assertions prove what no exception does: that lists are whole, agree with each
other and with what is counted, and that each refusal is the one that MyGeotab gives.

Argument: days of history that the simulator has (at least 3). The server is named by the
environment. Prints a line a check; ends with 1 at the first that fails.
"""

import sys
from datetime import datetime, timedelta, timezone

import mygeotab
from mygeotab.api import server_call

from mygeotab_feed import read_feeds
from mygeotab_async import read_concurrently
from mygeotab_records import id_of, read_records
from strangers import check, simulator


def endpoint(url):
    """The client takes a server without a path for one that speaks TLS."""
    return url if url.endswith("/apiv1") else f"{url}/apiv1"


def signed_in(server):
    api = mygeotab.API(server["USERNAME"], server["PASSWORD"], server["DATABASE"],
                       server=endpoint(server["URL"]))
    credentials = api.authenticate()
    check("Authenticate: a session of the database",
          credentials.session_id and credentials.database == server["DATABASE"])
    path = credentials.server.removeprefix("http://").removesuffix("/apiv1")
    check("Authenticate: names the second host",
          path == server["SECOND_URL"].removeprefix("http://"))
    # As the client would go there, were it not that it takes a bare host for one with TLS.
    credentials.server = endpoint(server["SECOND_URL"])
    return api


def without_database(server):
    api = mygeotab.API(server["USERNAME"], server["PASSWORD"], server=endpoint(server["URL"]))
    check("Authenticate: finds the database of a user who has one",
          api.authenticate().database == server["DATABASE"])


def version(server):
    said = server_call("GetVersion", endpoint(server["URL"]))
    parts = str(said).split(".")
    check(f"GetVersion: {said}, unauthenticated", len(parts) >= 3 and all(map(str.isdigit, parts)))
    now = server_call("GetSystemTimeUtc", endpoint(server["URL"]))
    behind = abs((datetime.now(timezone.utc) - now).total_seconds())
    check("GetSystemTimeUtc: the time", behind < 60)


def walked(api, entity, limit):
    """By ids, as the only way past the 5,000 rows that a `Get` gives."""
    rows, offset = [], None
    for _ in range(1_000):
        sort = {"sortBy": "id", "sortDirection": "asc", "offset": offset}
        page = api.call("Get", type_name=entity, results_limit=limit, sort=sort)
        if not page:
            return rows
        if len(page) > limit:
            check(f"{entity}: no page has more than {limit}", False)
        rows += page
        offset = page[-1]["id"]
    check(f"{entity}: the walk ends", False)


def lists(api):
    known = {}
    for entity, limit in (("Device", 5), ("User", 4), ("Group", 3)):
        rows = api.get(entity)
        ids = [row["id"] for row in rows]
        check(f"{entity}: {len(ids)}, each once", ids and len(set(ids)) == len(ids))
        counted = api.call("GetCountOf", type_name=entity)
        check(f"{entity}: as many as are counted", counted == len(ids))
        by_id = [row["id"] for row in walked(api, entity, limit)]
        check(f"{entity}: pages of {limit} give the same",
              sorted(by_id) == sorted(ids) and len(set(by_id)) == len(by_id))
        known[entity] = {row["id"]: row for row in rows}
    for entity in ("Rule", "Diagnostic", "Controller", "FailureMode"):
        ids = [row["id"] for row in api.get(entity)]
        check(f"{entity}: {len(ids)}, each once", ids and len(set(ids)) == len(ids))
        known[entity] = dict.fromkeys(ids)
    drivers = [row for row in known["User"].values() if row["isDriver"]]
    check(f"User: {len(drivers)} drivers, and others", 0 < len(drivers) < len(known["User"]))
    groups = {id_of(group) for row in known["Device"].values() for group in row.get("groups", [])}
    check("Device: in groups that are listed, or the system's",
          groups & set(known["Group"]) and all(
              group in known["Group"] or group.startswith("Group") for group in groups))
    return known


def searches(api, known):
    some = next(iter(known["Device"]))
    found = api.get("Device", id=some)
    check("Device by id: that one", [row["id"] for row in found] == [some])
    check("Device by an id that is not: none, and no error", api.get("Device", id="bFFFFFFF") == [])
    name = next(row["name"] for row in known["User"].values())
    found = api.get("User", name=name)
    check("User by name: that one", [row["name"] for row in found] == [name])
    check("Device: as many as asked for", len(api.get("Device", results_limit=2)) == 2)


def several(api, known):
    answers = api.multi_call([
        ("GetCountOf", {"typeName": "Device"}),
        ("Get", {"typeName": "User", "resultsLimit": 1}),
        ("Get", {"typeName": "Device", "search": {"id": "bFFFFFFF"}}),
    ])
    check("multi_call: three answers in order",
          answers[0] == len(known["Device"]) and len(answers[1]) == 1 and answers[2] == [])
    error = refusal(lambda: api.multi_call([
        ("GetCountOf", {"typeName": "Device"}),
        ("Get", {"typeName": "Nonsense"}),
        ("GetCountOf", {"typeName": "Device"}),
    ]))
    check("multi_call: a failure names its call",
          error and error._full_error["data"]["requestIndex"] == 1)


def refusal(call):
    try:
        call()
    except mygeotab.MyGeotabException as error:
        return error
    return None


def refusals(api, server):
    def refused(what, name, call):
        error = refusal(call)
        check(f"{what}: {name}", error is not None and error.name == name)
        check(f"{what}: both forms of the error agree", error._full_error["data"]["type"] == name)

    by_id = {"sortBy": "id", "sortDirection": "asc", "offset": None}
    refused("an unknown entity", "MissingMethodException", lambda: api.get("Nonsense"))
    refused("an unknown method", "MissingMethodException", lambda: api.call("GetNonsense"))
    refused("exceptions by id", "ArgumentException",
            lambda: api.call("Get", type_name="ExceptionEvent", sort=by_id))
    refused("more rows than there may be", "OverLimitException",
            lambda: api.get("LogRecord", results_limit=50_001))
    for what, name, password, database in (
        ("a wrong password", server["USERNAME"], "wrong", server["DATABASE"]),
        ("an unknown user", "nobody@example.test", server["PASSWORD"], server["DATABASE"]),
    ):
        stranger = mygeotab.API(name, password, database, server=endpoint(server["URL"]))
        try:
            stranger.authenticate()
            check(f"{what}: refused", False)
        except mygeotab.AuthenticationException:
            check(f"{what}: refused", True)
    dead = mygeotab.API(server["USERNAME"], database=server["DATABASE"], session_id="long-gone",
                        server=endpoint(server["SECOND_URL"]))
    try:
        dead.get("Device")
        check("a dead session: refused", False)
    except mygeotab.AuthenticationException:
        check("a dead session: refused", True)


def main():
    server, days = simulator(), int(sys.argv[1])
    now = datetime.now(timezone.utc).replace(microsecond=0)
    midnight = now.replace(hour=0, minute=0, second=0)
    start = midnight - timedelta(days=days)
    version(server)
    api = signed_in(server)
    without_database(server)
    known = lists(api)
    searches(api, known)
    several(api, known)
    read_records(api, known, start, midnight, now)
    read_feeds(api, known, start)
    read_concurrently(api.credentials, known)
    refusals(api, server)


if __name__ == "__main__":
    main()
