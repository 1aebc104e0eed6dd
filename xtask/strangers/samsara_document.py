"""Holds the simulator against the vendor's own OpenAPI document, with schemathesis.

The document is made narrower first, because it says in prose, or not at all, what its schemas leave
open: which ids exist, that times are RFC 3339, that three types are the most. A request made from
such a schema is refused, and a refusal shows nothing of an answer's shape. So parameters get values
that mean something to the fleet at hand, and what the simulator does not serve is left out: it is
asked, so that an endpoint which is new there is checked by itself.

Arguments: the simulator's base URL, its token, the document, a directory to work in, a seed.
"""

import json
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

NOW = datetime.now(timezone.utc).replace(microsecond=0)
CHECKS = ("not_a_server_error,response_schema_conformance,content_type_conformance,"
          "status_code_conformance,positive_data_acceptance")
EXAMPLES_AN_OPERATION = "25"
# Fewer would mean that the simulator was not asked as it should be.
LEAST_SERVED = 25


def ago(**interval):
    return (NOW - timedelta(**interval)).isoformat().replace("+00:00", "Z")


def milliseconds(text):
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


class Simulator:
    def __init__(self, url, token):
        self.url, self.token = url, token

    def ask(self, path, **parameters):
        query = "?" + urllib.parse.urlencode(parameters) if parameters else ""
        headers = {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.url + path + query, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, None

    def serves(self, path):
        """Whatever else is wrong with the question, an unknown path is a 404."""
        return self.ask(path)[0] != 404

    def ids(self, path, **parameters):
        return [row["id"] for row in self.ask(path, **parameters)[1]["data"]]


def meaningful(simulator):
    """Values by (path or None for all, parameter's name)."""
    vehicles = simulator.ids("/fleet/vehicles")[:6]
    drivers = simulator.ids("/fleet/drivers")[:6]
    tags = simulator.ids("/tags")[:4]
    trailers = simulator.ids("/fleet/trailers")[:4]
    events = simulator.ids("/safety-events/stream", startTime=ago(days=3),
                           includeVgOnlyEvents="true")
    starts, ends = [ago(days=3), ago(days=2)], [ago(hours=20), ago(hours=1)]
    days = [ago(days=2), ago(days=1)]
    yesterday = NOW - timedelta(days=1)
    return {
        (None, "startTime"): starts,
        (None, "endTime"): ends,
        (None, "time"): ends,
        (None, "updatedAfterTime"): starts,
        (None, "createdAfterTime"): starts,
        (None, "availableAfterTime"): starts,
        (None, "vehicleIds"): vehicles,
        (None, "assetIds"): vehicles,
        (None, "driverIds"): drivers,
        (None, "operatorIds"): drivers,
        (None, "tagIds"): tags,
        (None, "parentTagIds"): tags,
        (None, "driverTagIds"): tags,
        (None, "vehicleTagIds"): tags,
        (None, "trailerIds"): trailers,
        (None, "safetyEventIds"): events[:6],
        # Media and only media are asked for a day at most.
        ("/cameras/media", "startTime"): [ago(hours=23), ago(hours=22)],
        ("/trips/stream", "ids"): vehicles,
        ("/assets", "ids"): vehicles + trailers,
        ("/assets/location-and-speed/stream", "ids"): vehicles,
        # One day as these reports have it: the same day as first and last.
        ("/fleet/reports/vehicles/fuel-energy", "startDate"): days[:1],
        ("/fleet/reports/vehicles/fuel-energy", "endDate"): days,
        ("/fleet/reports/drivers/fuel-energy", "startDate"): days[:1],
        ("/fleet/reports/drivers/fuel-energy", "endDate"): days,
        ("/fleet/hos/daily-logs", "startDate"): [days[0][:10]],
        ("/fleet/hos/daily-logs", "endDate"): [day[:10] for day in days],
        ("/fleet/reports/ifta/vehicle", "year"): [yesterday.year],
        ("/fleet/reports/ifta/vehicle", "month"): [yesterday.strftime("%B")],
        ("/fleet/reports/ifta/vehicle", "jurisdictions"): ["TN", "TX,CA"],
        ("/fleet/trailers/stats", "types"): ["gps", "gps,gpsOdometerMeters"],
        # The schema says int64, and extremes of it are valid by it; the endpoint takes 90 days.
        ("/v1/fleet/trips", "vehicleId"): [int(vehicle) for vehicle in vehicles],
        ("/v1/fleet/trips", "startMs"): [milliseconds(time) for time in starts],
        ("/v1/fleet/trips", "endMs"): [milliseconds(time) for time in ends],
    }


# Parameters that no schema can give a right value, by name.
LEFT_OUT = {
    "after": "a cursor is the server's own",
    "quarter": "excludes `month`, and one of the two is required",
    "minAirTemperatureMillicelsius": "must be below its counterpart",
    "minDurationMilliseconds": "must be below its counterpart",
}


# Optional by the schema; but half a window is refused, a report of no month, a stream of nobody.
REQUIRED = {"startTime", "endTime", "startDate", "endDate", "month", "ids"}
# Items of a list, where fewer are taken than the three of `types`.
MOST_ITEMS = {"decorations": 2}


def narrow(operation, document, values, path):
    kept = []
    for parameter in operation.get("parameters", []):
        if "$ref" in parameter:
            parameter = document["components"]["parameters"][parameter["$ref"].rsplit("/", 1)[1]]
        name, schema = parameter["name"], parameter["schema"]
        if name in LEFT_OUT:
            continue
        chosen = values.get((path, name)) or values.get((None, name))
        is_list = schema.get("type") == "array"
        if is_list:
            schema = {**schema, "minItems": 1, "maxItems": MOST_ITEMS.get(name, 3)}
        if chosen and is_list:
            schema["items"] = {"type": "string", "enum": chosen}
        elif chosen:
            schema = {"type": schema["type"], "enum": chosen}
        kept.append({"name": name, "in": parameter["in"], "schema": schema,
                     "explode": parameter.get("explode", True),
                     "required": parameter.get("required", False) or name in REQUIRED})
    return {**operation, "parameters": kept}


def amend(document):
    """What the vendor does and its document's schemas do not say; each is known from its prose or
    from answers that were recorded."""
    # `hosStatusType` is empty while the driver's app is disconnected: the field's own description.
    status = document["components"]["schemas"]["CurrentDutyStatus"]["properties"]["hosStatusType"]
    status["enum"] = [*status["enum"], ""]
    # One text for two, by a slip of the document's generator.
    idling = document["components"]["schemas"]["IdlingEventObject_V2025_10_23ResponseBody"]
    idling["properties"]["ptoState"]["enum"] = ["active", "inactive"]
    # The old API refuses in plain text.
    refusal = {"description": "An error, in words.",
               "content": {"text/plain": {"schema": {"type": "string"}}}}
    for path, item in document["paths"].items():
        if path.startswith("/v1/"):
            item["get"]["responses"]["default"] = refusal


def main():
    url, token, document_path, directory, seed = sys.argv[1:]
    simulator = Simulator(url, token)
    document = json.loads(Path(document_path).read_text())
    served = [path for path, item in document["paths"].items()
              if "get" in item and "{" not in path and simulator.serves(path)]
    print(f"   {len(served)} of {len(document['paths'])} documented paths are served")
    if len(served) < LEAST_SERVED:
        sys.exit("too few: was the simulator asked as it should be?")
    values = meaningful(simulator)
    document["paths"] = {
        path: {"get": narrow(document["paths"][path]["get"], document, values, path)}
        for path in served
    }
    amend(document)
    narrowed = Path(directory) / "samsara.json"
    narrowed.write_text(json.dumps(document))
    command = [
        sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()",
        "--no-color", "run", str(narrowed), "--url", url,
        "--header", f"Authorization: Bearer {token}",
        "--mode", "positive", "--phases", "coverage,fuzzing", "--checks", CHECKS,
        "--max-examples", EXAMPLES_AN_OPERATION, "--seed", seed,
        "--generation-database", "none", "--continue-on-failure",
        "--warnings", "off",
    ]
    sys.exit(subprocess.run(command, cwd=directory, check=False).returncode)


if __name__ == "__main__":
    main()
