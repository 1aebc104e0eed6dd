"""Reads the simulator with the vendor's own Python client.

The client's models are strict: a missing required key or a wrong type raises. So each call that
returns proves the shape of an answer; the assertions below prove the behaviour around it.

Arguments: the simulator's base URL and its token. Prints a line a check; ends with 1 at the first
that fails.
"""

import sys
from datetime import datetime, timedelta, timezone

from samsara import Samsara
from samsara.core.api_error import ApiError

STAT_TYPES = ("gps,engineStates,fuelPercents", "obdOdometerMeters,obdEngineSeconds")


def check(what, holds):
    print(f"   {'ok' if holds else 'FAILED'}: {what}")
    if not holds:
        sys.exit(1)


def pages(call, **arguments):
    """All pages of a list that the client does not page by itself."""
    after = None
    for _ in range(10_000):
        page = call(**arguments, **({"after": after} if after else {}))
        yield page
        if not page.pagination.has_next_page:
            return
        check("a page with a next one names it", bool(page.pagination.end_cursor))
        after = page.pagination.end_cursor
    check("the pages end", False)


def organization(client):
    answer = client.organization_info.get_organization_info()
    check("organization_info: the account has an id and a name", answer.data.id and answer.data.name)


def vehicles(client):
    few = [vehicle.id for vehicle in client.vehicles.list(limit=5)]
    many = [vehicle.id for vehicle in client.vehicles.list(limit=512)]
    check(f"vehicles.list: {len(many)} vehicles", len(many) > 5)
    check("vehicles.list: pages of five give the same", few == many and len(set(few)) == len(few))
    return many


def drivers(client):
    found = {}
    for status in ("active", "deactivated"):
        listed = list(client.drivers.list(driver_activation_status=status, limit=4))
        found[status] = {driver.id for driver in listed}
        right = all(driver.driver_activation_status == status for driver in listed)
        check(f"drivers.list: {len(listed)} {status}", right and len(found[status]) == len(listed))
    check("drivers.list: there are active ones", bool(found["active"]))
    check("drivers.list: nobody is both", not (found["active"] & found["deactivated"]))


def tags(client):
    listed = [tag.id for page in pages(client.tags.list_tags, limit=2) for tag in page.data]
    check(f"tags.list_tags: {len(listed)} tags", listed and len(set(listed)) == len(listed))


def stats(client, known):
    for types in STAT_TYPES:
        seen = {row.id for page in pages(client.vehicle_stats.get_vehicle_stats, types=types)
                for row in page.data}
        check(f"vehicle_stats: {types} of {len(seen)} vehicles", seen and seen <= set(known))


def feed(client, known):
    read = client.vehicle_stats.get_vehicle_stats_feed
    first = read(types="gps")
    check("vehicle_stats feed: names a cursor", bool(first.pagination.end_cursor))
    cursor, more = first.pagination.end_cursor, True
    for _ in range(1_000):
        page = read(types="gps", after=cursor)
        check("vehicle_stats feed: known vehicles", {row.id for row in page.data} <= set(known))
        cursor, more = page.pagination.end_cursor or cursor, page.pagination.has_next_page
        if not more:
            break
    check("vehicle_stats feed: it catches up, and still has a cursor", cursor and not more)


def history(client, known):
    end = datetime.now(timezone.utc).replace(microsecond=0)
    start = end - timedelta(days=1)
    window = {"start_time": start.isoformat().replace("+00:00", "Z"),
              "end_time": end.isoformat().replace("+00:00", "Z")}
    read = client.vehicle_stats.get_vehicle_stats_history
    points, carriers = 0, set()
    for page in pages(read, types="gps,engineStates", **window):
        for row in page.data:
            times = [point.time for point in (row.gps or [])]
            check(f"vehicle_stats history: {row.id} in order", times == sorted(times)) \
                if times != sorted(times) else None
            points += len(times)
            carriers.add(row.id)
    check(f"vehicle_stats history: {points} gps points of {len(carriers)} vehicles",
          points > 0 and carriers <= set(known))


def refusals(client, base_url):
    try:
        Samsara(token="wrong", base_url=base_url).tags.list_tags()
    except ApiError as error:
        named = "message" in error.body
        check("a wrong token: 401 with a message", error.status_code == 401 and named)
    else:
        check("a wrong token is refused", False)


def main():
    base_url, token = sys.argv[1:]
    client = Samsara(token=token, base_url=base_url)
    organization(client)
    known = vehicles(client)
    drivers(client)
    tags(client)
    stats(client, known)
    feed(client, known)
    history(client, known)
    refusals(client, base_url)


if __name__ == "__main__":
    main()
