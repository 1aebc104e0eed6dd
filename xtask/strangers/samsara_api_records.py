"""The part of `samsara_api.py` that reads what happened: trips, events, duty, reports."""

from datetime import timedelta

from strangers import check, pages, rfc3339


def read_records(client, vehicles, drivers, start, now):
    trips(client, vehicles, drivers, start, now)
    safety(client, vehicles, start, now)
    duty(client, drivers, start, now)
    assignments(client, vehicles, drivers, start, now)
    reports(client, vehicles, start, now)
    media(client, vehicles, now)
    check("webhooks: the list is empty", client.webhooks.list_webhooks().data == [])


def within(start, now):
    return {"start_time": rfc3339(start), "end_time": rfc3339(now)}


def rows(call, **arguments):
    return [row for page in pages(call, **arguments) for row in page.data]


def trips(client, vehicles, drivers, start, now):
    old, driven_by = 0, set()
    for vehicle in sorted(vehicles):
        answer = client.trips.v_1_get_fleet_trips(
            vehicle_id=int(vehicle),
            start_ms=int(start.timestamp() * 1000),
            end_ms=int(now.timestamp() * 1000),
        )
        # One under way ends at the largest 64-bit number.
        over = [trip for trip in answer.trips if trip.end_ms < 2**62]
        old += len(over)
        driven_by |= {str(trip.driver_id) for trip in over if trip.driver_id}
        for trip in over:
            if trip.start_ms >= trip.end_ms or trip.distance_meters < 0:
                check(f"v1 trips: {vehicle} from {trip.start_ms} is possible", False)
    check(f"v1 trips: {old} that are over, of known drivers", old and driven_by <= drivers)
    new = rows(client.trips.get_trips, start_time=rfc3339(start), end_time=rfc3339(now),
               ids=",".join(sorted(vehicles)), query_by="tripStartTime")
    check(f"trips: {len(new)}, of known vehicles",
          new and {trip.asset.id for trip in new} <= vehicles)


def safety(client, vehicles, start, now):
    legacy = rows(client.legacy_ap_is.get_safety_events, **within(start, now))
    check(f"legacy safety events: {len(legacy)}",
          legacy and {event.vehicle.id for event in legacy} <= vehicles)
    stream = rows(client.safety.get_safety_events_v_2_stream, start_time=rfc3339(start),
                  end_time=rfc3339(now), include_driver=True, include_asset=True,
                  include_vg_only_events=True, query_by_time_field="createdAtTime")
    check(f"safety events: {len(stream)}, each with labels and a known vehicle",
          stream and all(event.behavior_labels and event.asset.id in vehicles for event in stream))
    some = [event.id for event in stream[:3]]
    again = rows(client.safety.get_safety_events_v_2, safety_event_ids=",".join(some),
                 include_asset=True, include_vg_only_events=True)
    check("safety events by id: those that were asked for",
          sorted(event.id for event in again) == sorted(some))


def duty(client, drivers, start, now):
    logs = rows(client.hours_of_service.get_hos_logs, **within(start, now))
    entries = [entry for row in logs for entry in row.hos_logs]
    check(f"HOS logs: {len(entries)} of {len(logs)} drivers",
          entries and {row.driver.id for row in logs} <= drivers)
    check("HOS logs: somebody drives",
          any(entry.hos_status_type == "driving" for entry in entries))
    dates = {"start_date": rfc3339(start)[:10], "end_date": rfc3339(now)[:10]}
    for status in ("active", "deactivated"):
        daily = rows(client.hours_of_service.get_hos_daily_logs, driver_activation_status=status,
                     **dates)
        check(f"HOS daily logs: {len(daily)} of drivers who are {status}",
              {row.driver.id for row in daily} <= drivers and (daily or status != "active"))
        for row in daily:
            if row.start_time >= row.end_time:
                check(f"HOS daily logs: {row.start_time} is before {row.end_time}", False)
    clocks = rows(client.hours_of_service.get_hos_clocks)
    check(f"HOS clocks: {len(clocks)}, drive time within its limit",
          clocks and all(0 <= row.clocks.drive.drive_remaining_duration_ms <= 13 * 3_600_000
                         for row in clocks))
    # Whoever is in it, the answer's shape is what is checked.
    violations = rows(client.hours_of_service.get_hos_violations, **within(start, now))
    check(f"HOS violations: {len(violations)} rows", True)


def assignments(client, vehicles, drivers, start, now):
    read = client.driver_vehicle_assignments.get_driver_vehicle_assignments

    def keys(filter_by):
        return sorted((row.vehicle.id, row.driver.id, row.start_time)
                      for row in rows(read, filter_by=filter_by, **within(start, now)))

    by_vehicle, by_driver = keys("vehicles"), keys("drivers")
    check(f"assignments: {len(by_vehicle)}, of known vehicles and drivers",
          by_vehicle and {key[0] for key in by_vehicle} <= vehicles
          and {key[1] for key in by_vehicle} <= drivers)
    check("assignments: the same by vehicle and by driver", by_vehicle == by_driver)


def reports(client, vehicles, start, now):
    yesterday = now - timedelta(days=1)
    ifta = [report for page in pages(client.ifta.get_ifta_vehicle_reports, year=yesterday.year,
                                     month=yesterday.strftime("%B"))
            for report in page.data.vehicle_reports]
    check(f"IFTA: {len(ifta)} vehicles, taxable metres within the total",
          ifta and {report.vehicle.id for report in ifta} <= vehicles
          and all(0 <= part.taxable_meters <= part.total_meters
                  for report in ifta for part in report.jurisdictions))
    # First and last day are both included: the same one twice is one day.
    day = {"start_date": rfc3339(yesterday), "end_date": rfc3339(yesterday)}
    energy = [report
              for page in pages(client.fuel_and_energy.get_fuel_energy_vehicle_reports, **day)
              for report in page.data.vehicle_reports]
    check(f"fuel and energy: {len(energy)} vehicles",
          energy and {report.vehicle.id for report in energy} <= vehicles)
    # Of one day there may be nobody who drove.
    days = {**day, "start_date": rfc3339(start)}
    people = [report
              for page in pages(client.fuel_and_energy.get_fuel_energy_driver_reports, **days)
              for report in page.data.driver_reports]
    check(f"fuel and energy: {len(people)} drivers", bool(people))


def media(client, vehicles, now):
    found = 0
    for page in pages(client.media.list_uploaded_media,
                      vehicle_ids=",".join(sorted(vehicles)[:20]),
                      **within(now - timedelta(hours=23), now)):
        found += len(page.data.media)
    # A day without an event has no film.
    check(f"uploaded media: {found}", True)
