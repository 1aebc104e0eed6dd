"""Holds our API against its own description, with schemathesis, over a store with a synced fleet.

What conforms to the description must be accepted, and the answer must conform: first of all reads,
while nothing has been changed, then of writes. In between, what does not conform must be refused,
and nothing may break over it. All checks are on. The description has no links, so there is no
stateful phase, and those on what was deleted find nothing to check; nor does the one on objects of
others, for there is one user: our own tests have that.

For what conforms, the description is made narrower where a schema cannot say what is meant: a
cursor is the server's own, an id should be that of something, a time should be one at which
something happened. Ids of nothing and distant times stay possible beside them.

Arguments: a directory to work in, a seed; what the demo printed as JSON is in `GLADHAND_DEMO`.
"""

import json
import os
import subprocess
import sys
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

EXAMPLES_AN_OPERATION = "20"
# Nothing can be said here of whether the state allows it: some syncs are over, some are not.
DEPENDS_ON_STATE = ("/syncs/{id}/cancel", "/syncs/{id}/retry")


class Server:
    def __init__(self, demo):
        self.base = demo["baseUrl"]
        self.headers = {
            "Authorization": f"Bearer {demo['secretKey']}",
            "Connection-Token": demo["connections"][0]["token"],
        }

    def read(self, path):
        request = urllib.request.Request(self.base + path, headers=self.headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def description(self):
        origin = self.base.removesuffix("/tsp/v1")
        with urllib.request.urlopen(origin + "/openapi.json", timeout=30) as answer:
            return json.load(answer)

    def ids(self, path):
        return [row["id"] for row in self.read(path)["results"]][:4]


def meaningful(server):
    """Values by parameter's name, or by path and name."""
    now = datetime.now(timezone.utc).replace(microsecond=0)
    start, end = now - timedelta(days=2), now + timedelta(days=1)

    def instant(time):
        return [time.isoformat().replace("+00:00", "Z")]

    def date(time):
        return [time.date().isoformat()]

    def month(time):
        return [time.strftime("%Y-%m")]

    vehicles, drivers = server.ids("/vehicles"), server.ids("/drivers")
    values = {
        "vehicleId": vehicles,
        "vehicleIds": vehicles,
        "driverIds": drivers,
        "startMonth": month(start),
        "endMonth": month(now),
        "startDate": date(start),
        "endDate": date(end),
        ("/vehicles/{id}", "id"): vehicles,
        ("/drivers/{id}", "id"): drivers,
        ("/safety/events/{id}", "id"): server.ids("/safety/events"),
        ("/safety/events/{id}/camera-media", "id"): server.ids("/safety/events"),
    }
    for name in ("modified", "updated", "started", "ended", "lastReported"):
        values[name + "After"], values[name + "Before"] = instant(start), instant(end)
    values["startAt"], values["endAt"] = instant(start), instant(end)
    for path in ("/syncs/{id}", *DEPENDS_ON_STATE):
        values[(path, "id")] = server.ids("/syncs")
    return values


# Members of bodies whose rules are in prose: what a URL may hold, whose headers are the server's,
# how far back a sync may begin, which of two forms a backfill has. `None` leaves one out: the
# application has registered no address and made no template.
BODIES = {
    "ShortLinkInput": {
        "name": {"type": "string", "enum": ["A customer"]},
        "externalId": {"type": "string", "enum": ["customer-7"]},
        "tags": {"type": "array", "items": {"type": "string", "enum": ["west", "east"]}},
        "backfill": {
            "type": "object", "enum": [{}, {"days": 30}, {"startFrom": "2026-01-02T03:04:05Z"}],
        },
        "provider": {"type": "string", "enum": ["samsara", "geotab"]},
        "providerHints": {"type": "array", "items": {"type": "string", "enum": ["motive"]}},
        "redirectUrl": None,
        "template": None,
    },
    "PassthroughInput": {
        "path": {"type": "string", "enum": ["/fleet/vehicles?limit=2", "/tags", "/no/such/path"]},
        "headers": {"type": "object", "enum": [{}, {"x-stranger": "1"}]},
    },
    "SyncRequest": {
        "startFrom": {
            "type": "string", "enum": ["2026-01-02T03:04:05Z", "1999-12-31T00:00:00+02:00"],
        },
    },
}


def narrow(document, values):
    for name, members in BODIES.items():
        properties = document["components"]["schemas"][name]["properties"]
        properties.update(members)
        for left_out in [member for member, schema in members.items() if schema is None]:
            del properties[left_out]
    for path, item in document["paths"].items():
        for operation in item.values():
            parameters = operation.get("parameters", [])
            operation["parameters"] = [
                narrowed(parameter, values.get((path, parameter.get("name")))
                         or values.get(parameter.get("name")))
                for parameter in parameters if parameter.get("name") != "cursor"
            ]
    return document


def narrowed(parameter, chosen):
    if not chosen:
        return parameter
    schema = parameter["schema"]
    if parameter["name"] in ("startAt", "endAt", "startMonth", "endMonth"):
        # Here a span that ends before it begins is refused.
        return {**parameter, "schema": {"type": "string", "enum": chosen}}
    if schema.get("type") == "array":
        return {**parameter, "schema": {**schema, "items": likely(chosen, schema["items"])}}
    return {**parameter, "schema": likely(chosen, schema)}


def likely(chosen, schema):
    return {"anyOf": [{"type": "string", "enum": chosen}, schema]}


def configuration(document, server):
    """As TOML: what is expected of single operations, and the headers."""
    lines = ["[headers]"]
    lines += [f'"{name}" = "{value}"' for name, value in server.headers.items()]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            # Described as not built yet: it says so with this status.
            if "501" in operation["responses"] and "200" not in operation["responses"]:
                lines += expected(method, path, "not_a_server_error", ["2xx", "3xx", "4xx", "501"])
            if path in DEPENDS_ON_STATE:
                statuses = ["2xx", "3xx", "401", "403", "404", "409", "422", "429"]
                lines += expected(method, path, "positive_data_acceptance", statuses)
    return "\n".join(lines) + "\n"


def expected(method, path, check, statuses):
    return ["[[operations]]", f'include-name = "{method.upper()} {path}"',
            f"[operations.checks.{check}]", f"expected-statuses = {json.dumps(statuses)}"]


def run(directory, document, config, base, seed, *arguments):
    described = directory / "gladhand.json"
    described.write_text(json.dumps(document))
    settings = directory / "schemathesis.toml"
    settings.write_text(config)
    command = [
        sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()",
        "--no-color", "--config-file", str(settings), "run", str(described), "--url", base,
        "--checks", "all", "--phases", "examples,coverage,fuzzing",
        "--max-examples", EXAMPLES_AN_OPERATION, "--seed", seed,
        "--generation-database", "none", "--continue-on-failure", "--warnings", "off",
        *arguments,
    ]
    return subprocess.run(command, cwd=directory, check=False).returncode


def main():
    demo = json.loads(os.environ["GLADHAND_DEMO"])
    directory, seed = Path(sys.argv[1]), sys.argv[2]
    server = Server(demo)
    document = server.description()
    config = configuration(document, server)
    values = meaningful(server)
    runs = (
        ("reads as described", narrow(server.description(), values),
         ("--mode", "positive", "--include-method", "GET")),
        # Cursors are made up here, so what differs in nothing else is refused all the same.
        ("what is not as described", document,
         ("--mode", "negative", "--exclude-method", "PATCH",
          # Refused or not, it is the end of what comes after.
          "--exclude-operation-id", "deleteCurrentConnection",
          "--exclude-checks", "positive_data_acceptance")),
        ("writes as described", narrow(server.description(), values),
         ("--mode", "positive", "--exclude-method", "GET",
          "--exclude-path", "/connections/current")),
        # Last, because it may archive the connection, or ask for its deletion.
        ("the connection's settings", narrow(server.description(), values),
         ("--mode", "all", "--include-path", "/connections/current", "--exclude-method", "GET")),
    )
    failed = []
    for what, described, arguments in runs:
        print(f"   {what}", flush=True)
        if run(directory, described, config, server.base, seed, *arguments) != 0:
            failed.append(what)
    if failed:
        sys.exit(f"not as described: {', '.join(failed)}")


if __name__ == "__main__":
    main()
