"""Reads the simulator with the vendor's own Python client.

The client's models are strict: a missing required key or a wrong type raises. So each call that
returns proves the shape of an answer; the assertions prove the behaviour around it: that lists are
not empty, pages agree with each other, and fields make sense together.

Arguments: the simulator's base URL, its token, and how many days of history it has (at least 3).
Prints a line a check; ends with 1 at the first that fails.
"""

import sys
from datetime import datetime, timedelta, timezone

from samsara import Samsara
from samsara.core.api_error import ApiError

from samsara_api_records import read_records
from strangers import check, pages, rfc3339

STAT_TYPES = (
    "gps,engineStates,fuelPercents",
    "obdOdometerMeters,gpsOdometerMeters,obdEngineSeconds",
    "syntheticEngineSeconds,fuelConsumedMilliliters,engineRpm",
    "engineOilPressureKPa,engineCoolantTemperatureMilliC,batteryMilliVolts",
)


def organization(client):
    answer = client.organization_info.get_organization_info()
    named = answer.data.id and answer.data.name
    check("organization_info: the account has an id and a name", named)


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
        check(f"drivers.list: {status} ones have a time zone", all(d.timezone for d in listed))
    check("drivers.list: there are active ones", bool(found["active"]))
    check("drivers.list: nobody is both", not (found["active"] & found["deactivated"]))
    return found["active"] | found["deactivated"]


def tags(client):
    listed = [tag.id for page in pages(client.tags.list_tags, limit=2) for tag in page.data]
    check(f"tags.list_tags: {len(listed)} tags", listed and len(set(listed)) == len(listed))


def equipment(client, known):
    gateways = [row for page in pages(client.gateways.get_gateways) for row in page.data]
    serials = [gateway.serial for gateway in gateways]
    check(f"gateways: {len(serials)}, each once", serials and len(set(serials)) == len(serials))
    plugged_in = {gateway.asset.id for gateway in gateways if gateway.asset}
    check("gateways: in vehicles that were listed", bool(plugged_in & known))
    devices = [row for page in pages(client.beta_ap_is.get_devices, limit=5) for row in page.data]
    listed = {device.serial for device in devices}
    check(f"devices: {len(devices)}, gateways of vehicles among them",
          any(gateway.serial in listed for gateway in gateways))
    trailers = [row for page in pages(client.trailers.list_trailers, limit=3) for row in page.data]
    assets = list(client.assets.list(type="trailer", include_tags=True, include_external_ids=True))
    check(f"trailers: {len(trailers)}, the same as the assets of that type",
          trailers and {row.id for row in trailers} == {row.id for row in assets})
    check("assets: all are trailers", all(asset.type == "trailer" for asset in assets))
    read = client.trailers.get_trailer_stats_snapshot
    stats = [row for page in pages(read, types="gps,gpsOdometerMeters") for row in page.data]
    check(f"trailer stats: places of {len(stats)}",
          stats and {row.id for row in stats} <= {row.id for row in trailers}
          and any(row.gps and -90 <= row.gps.latitude <= 90 for row in stats))


def stats(client, known):
    for types in STAT_TYPES:
        rows = [row for page in pages(client.vehicle_stats.get_vehicle_stats, types=types)
                for row in page.data]
        seen = {row.id for row in rows}
        check(f"vehicle_stats: {types} of {len(seen)} vehicles", seen and seen <= known)


def feed(client, known):
    read = client.vehicle_stats.get_vehicle_stats_feed
    first = read(types="gps")
    check("vehicle_stats feed: names a cursor", bool(first.pagination.end_cursor))
    cursor, more = first.pagination.end_cursor, True
    for _ in range(1_000):
        page = read(types="gps", after=cursor)
        check("vehicle_stats feed: known vehicles", {row.id for row in page.data} <= known)
        cursor, more = page.pagination.end_cursor or cursor, page.pagination.has_next_page
        if not more:
            break
    check("vehicle_stats feed: it catches up, and still has a cursor", cursor and not more)


def history(client, known, window):
    read = client.vehicle_stats.get_vehicle_stats_history
    points, in_order, carriers = 0, True, set()
    for page in pages(read, types="gps,engineStates", **window):
        for row in page.data:
            times = [point.time for point in (row.gps or [])]
            in_order = in_order and times == sorted(times)
            points += len(times)
            carriers.add(row.id)
    check("vehicle_stats history: each vehicle's in order", in_order)
    check(f"vehicle_stats history: {points} gps points of {len(carriers)} vehicles",
          points > 0 and carriers <= known)


def faults(client, known, window):
    read = client.vehicle_stats.get_vehicle_stats_history
    rows = [row for page in pages(read, types="faultCodes", **window) for row in page.data]
    readings = [reading for row in rows for reading in row.fault_codes]
    check(f"fault codes: {len(readings)} readings of {len(rows)} vehicles",
          readings and {row.id for row in rows} <= known)
    codes = [code for reading in readings if reading.j_1939
             for code in reading.j_1939.diagnostic_trouble_codes or []]
    check(f"fault codes: {len(codes)} of J1939, each with SPN and FMI",
          codes and all(code.spn_id is not None and code.fmi_id is not None for code in codes))


def places(client, known, window):
    """The older form of locations."""
    locations = client.vehicle_locations
    now = [row for page in pages(locations.get_vehicle_locations) for row in page.data]
    check(f"vehicle_locations: {len(now)} vehicles", now and {row.id for row in now} <= known)
    check("vehicle_locations feed: names a cursor",
          bool(locations.get_vehicle_locations_feed().pagination.end_cursor))
    read = locations.get_vehicle_locations_history
    points = sum(len(row.locations) for page in pages(read, **window) for row in page.data)
    check(f"vehicle_locations history: {points} points", points > 0)


def refusals(client, base_url):
    try:
        Samsara(token="wrong", base_url=base_url).tags.list_tags()
    except ApiError as error:
        named = "message" in error.body
        check("a wrong token: 401 with a message", error.status_code == 401 and named)
    else:
        check("a wrong token is refused", False)
    try:
        client.vehicle_stats.get_vehicle_stats(types="gps,engineStates,fuelPercents,engineRpm")
    except ApiError as error:
        check("four types at once: 400", error.status_code == 400)
    else:
        check("four types at once are refused", False)


def main():
    base_url, token, days = sys.argv[1:]
    client = Samsara(token=token, base_url=base_url)
    now = datetime.now(timezone.utc).replace(microsecond=0)
    midnight = now.replace(hour=0, minute=0, second=0)
    start = midnight - timedelta(days=int(days))
    whole = {"start_time": rfc3339(start), "end_time": rfc3339(now)}
    last_day = {"start_time": rfc3339(now - timedelta(days=1)), "end_time": rfc3339(now)}
    organization(client)
    known = set(vehicles(client))
    people = drivers(client)
    tags(client)
    equipment(client, known)
    stats(client, known)
    feed(client, known)
    history(client, known, last_day)
    faults(client, known, whole)
    places(client, known, last_day)
    read_records(client, known, people, start, now)
    refusals(client, base_url)


if __name__ == "__main__":
    main()
