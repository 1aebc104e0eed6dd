"""What the vehicles and drivers of the simulated database did: the half of the Python client's
reading that asks for windows.
"""

from datetime import timedelta

from strangers import check

UNKNOWN_DRIVER = "UnknownDriverId"


def id_of(reference):
    """References are objects with an id, or the id alone."""
    return reference["id"] if isinstance(reference, dict) else reference


def window(start, end, **members):
    return {"fromDate": start, "toDate": end, **members}


def absent(api, known, start, end):
    """What is not known is left out, never null."""
    def holds_null(value):
        if isinstance(value, dict):
            return any(map(holds_null, value.values()))
        return any(map(holds_null, value)) if isinstance(value, list) else value is None

    check("Device and User: no member is null",
          not holds_null([*known["Device"].values(), *known["User"].values()]))
    for entity in ("Trip", "ExceptionEvent", "FaultData", "DutyStatusLog", "FuelTaxDetail"):
        rows = api.get(entity, search=window(start, end))
        check(f"{entity}: no member is null", not holds_null(rows))


def trips(api, known, start, end):
    rows = api.get("Trip", search=window(start, end))
    check(f"Trip: {len(rows)}, of listed devices",
          rows and {id_of(row["device"]) for row in rows} <= set(known["Device"]))
    drivers = {id_of(row["driver"]) for row in rows} - {UNKNOWN_DRIVER}
    check(f"Trip: {len(drivers)} drivers, all listed users",
          drivers and drivers <= set(known["User"]))
    check("Trip: the window is that of the stops",
          all(start <= row["stop"] <= end for row in rows))
    check("Trip: starts before it stops", all(row["start"] <= row["stop"] for row in rows))
    moved = [row for row in rows if row["distance"] > 5 and row["stop"] > row["start"]]
    speeds = [row["distance"] / ((row["stop"] - row["start"]).total_seconds() / 3600)
              for row in moved]
    check("Trip: distances are kilometres", speeds and all(1 < speed < 150 for speed in speeds))
    check("Trip: and odometers metres",
          all(row["odometer"] > 10 * row["distance"] for row in moved if "odometer" in row))
    some = id_of(rows[0]["device"])
    of_one = api.get("Trip", search=window(start, end, deviceSearch={"id": some}))
    check("Trip of a device: those of the whole fleet that are its",
          {row["id"] for row in of_one}
          == {row["id"] for row in rows if id_of(row["device"]) == some})
    # A trip begins where the one before it was left standing.
    of_one.sort(key=lambda row: row["start"])
    check("Trip: does not overlap the next",
          all(left["stop"] <= right["start"] for left, right in zip(of_one, of_one[1:])))


def exceptions(api, known, start, end):
    rows = api.get("ExceptionEvent", search=window(start, end))
    check(f"ExceptionEvent: {len(rows)}, of listed devices and rules",
          rows and {id_of(row["device"]) for row in rows} <= set(known["Device"])
          and {id_of(row["rule"]) for row in rows} <= set(known["Rule"]))
    check("ExceptionEvent: the window is met by each",
          all(row["activeFrom"] <= end and row["activeTo"] >= start for row in rows))


def faults(api, known, start, end):
    rows = api.get("FaultData", search=window(start, end))
    check(f"FaultData: {len(rows)}, of listed devices",
          rows and {id_of(row["device"]) for row in rows} <= set(known["Device"]))
    diagnostics = {id_of(row["diagnostic"]) for row in rows} - {"NoDiagnosticId"}
    check(f"FaultData: {len(diagnostics)} diagnostics that are listed",
          diagnostics and diagnostics <= set(known["Diagnostic"]))
    modes = {id_of(row["failureMode"]) for row in rows} - {"NoFailureModeId"}
    check("FaultData: failure modes that are listed", modes <= set(known["FailureMode"]))


def history(api, known, start, end):
    """Positions and readings of one device, while it was on its longest trip."""
    trip = max(api.get("Trip", search=window(start, end)), key=lambda row: row["distance"])
    device, around = id_of(trip["device"]), window(trip["start"], trip["stop"])
    logs = api.get("LogRecord", search=around | {"deviceSearch": {"id": device}})
    check(f"LogRecord: {len(logs)} on the longest trip, of its device",
          logs and {id_of(row["device"]) for row in logs} == {device})
    check("LogRecord: within the window",
          all(trip["start"] <= row["dateTime"] <= trip["stop"] for row in logs))
    check("LogRecord: somewhere on the way",
          all(-90 <= row["latitude"] <= 90 and -180 <= row["longitude"] <= 180 for row in logs)
          and any(row["speed"] > 20 for row in logs))
    end_of_trip = trip["stopPoint"]
    last = max(logs, key=lambda row: row["dateTime"])
    check("Trip: stops where its last position is",
          abs(last["latitude"] - end_of_trip["y"]) < 0.05
          and abs(last["longitude"] - end_of_trip["x"]) < 0.05)
    odometers = api.get("StatusData", search=around | {
        "deviceSearch": {"id": device}, "diagnosticSearch": {"id": "DiagnosticOdometerId"}})
    readings = [row["data"] for row in sorted(odometers, key=lambda row: row["dateTime"])]
    check(f"StatusData: {len(readings)} odometers, which never fall",
          readings and readings == sorted(readings))
    driven_km = (readings[-1] - readings[0]) / 1000
    check("StatusData: odometers in metres go as far as the trip",
          driven_km <= trip["distance"] * 1.05 + 1)
    status = api.get("StatusData", search=around | {"deviceSearch": {"id": device}})
    check("StatusData: diagnostics that are listed",
          {id_of(row["diagnostic"]) for row in status} <= set(known["Diagnostic"]))


def duty(api, known, start, end):
    rows = api.get("DutyStatusLog", search=window(start, end))
    check(f"DutyStatusLog: {len(rows)}, of listed users",
          rows and {id_of(row["driver"]) for row in rows} - {UNKNOWN_DRIVER}
          <= set(known["User"]))
    check("DutyStatusLog: driving among them", any(row["status"] == "D" for row in rows))
    driver = next(id_of(row["driver"]) for row in rows)
    left = api.get("DutyStatusAvailability", search={"userSearch": {"id": driver}})
    check("DutyStatusAvailability: of the driver that was asked for",
          [id_of(row["driver"]) for row in left] == [driver])
    changes = api.get("DriverChange", search=window(start, end))
    check(f"DriverChange: {len(changes)}, of listed devices",
          changes and {id_of(row["device"]) for row in changes} <= set(known["Device"]))


def present(api, known, end):
    rows = api.get("DeviceStatusInfo", search={})
    devices = {id_of(row["device"]) for row in rows}
    check(f"DeviceStatusInfo: {len(rows)}, one a device",
          rows and len(devices) == len(rows) and devices <= set(known["Device"]))
    check("DeviceStatusInfo: not of the future",
          all(row["dateTime"] <= end + timedelta(minutes=10) for row in rows))


def borders(api, known, start, end):
    rows = api.get("FuelTaxDetail", search=window(start, end))
    check(f"FuelTaxDetail: {len(rows)}, of listed devices",
          rows and {id_of(row["device"]) for row in rows} <= set(known["Device"]))
    check("FuelTaxDetail: jurisdictions of two letters",
          all(len(row["jurisdiction"]) == 2 for row in rows))
    check("FuelTaxDetail: odometers never fall",
          all(row["enterOdometer"] <= row["exitOdometer"] for row in rows))


def trailers(api):
    rows = {row["id"] for row in api.get("Trailer")}
    attached = {id_of(row["trailer"]) for row in api.get("TrailerAttachment")}
    check(f"Trailer: {len(rows)}, and attachments of none that is not listed",
          rows and attached <= rows)


def read_records(api, known, start, midnight, end):
    # Of today some are still under way, and change from call to call.
    trips(api, known, start, midnight)
    exceptions(api, known, start, end)
    faults(api, known, start, end)
    history(api, known, start, midnight)
    duty(api, known, start, end)
    present(api, known, end)
    borders(api, known, start, end)
    trailers(api)
    absent(api, known, start, end)
