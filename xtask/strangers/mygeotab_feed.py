"""Follows feeds with the Python client's own follower, which keeps the version by itself and sends
the search with it on every call.
"""

from datetime import datetime, timedelta, timezone

from mygeotab.ext.feed import DataFeed, DataFeedListener

from mygeotab_records import id_of
from strangers import check

ROWS = 1_000


class Reader(DataFeedListener):
    """Stops at the first page that is not full: the feed's head is reached."""

    def __init__(self):
        self.rows, self.pages, self.error, self.feed = [], 0, None, None

    def on_data(self, data):
        self.rows += data
        self.pages += 1
        if len(data) < ROWS or self.pages >= 1_000:
            self.feed.running = False

    def on_error(self, error):
        self.error = error
        return False


def follow(api, entity, **search):
    reader = Reader()
    reader.feed = DataFeed(api, reader, entity, interval=0, search=search, results_limit=ROWS)
    reader.feed.start(threaded=False)
    return reader


def by_hand(api, entity, start):
    """The same with plain calls, of which the first alone has a search."""
    rows, version = [], None
    for _ in range(1_000):
        place = {"from_version": version} if version else {"search": {"fromDate": start}}
        page = api.call("GetFeed", type_name=entity, results_limit=ROWS, **place)
        if len(page["data"]) == ROWS and page["toVersion"] == version:
            check(f"{entity}: a full page brings the version on", False)
        rows, version = rows + page["data"], page["toVersion"]
        if len(page["data"]) < ROWS:
            return rows, version
    check(f"{entity}: the feed has a head", False)


def head(api):
    page = api.call("GetFeed", type_name="LogRecord")
    version = page["toVersion"]
    check("GetFeed without a place: no rows, and the present version",
          page["data"] == [] and len(version) == 16 and int(version, 16) > 0)


def positions(api, known, start):
    since = datetime.now(timezone.utc) - timedelta(days=1)
    reader = follow(api, "LogRecord", fromDate=since)
    ids = [row["id"] for row in reader.rows]
    check(f"DataFeed: {len(ids)} LogRecords in {reader.pages} pages, each once",
          reader.error is None and reader.pages > 1 and len(set(ids)) == len(ids))
    check("DataFeed: of listed devices",
          {id_of(row["device"]) for row in reader.rows} <= set(known["Device"]))
    rows, version = by_hand(api, "LogRecord", since)
    check("DataFeed: plain calls give the same, and what has arrived since",
          set(ids) <= {row["id"] for row in rows})
    device = id_of(reader.rows[0]["device"])
    times = [row["dateTime"] for row in reader.rows if id_of(row["device"]) == device]
    search = {"deviceSearch": {"id": device}, "fromDate": min(times), "toDate": max(times)}
    got = {row["id"] for row in api.get("LogRecord", search=search) if "id" in row}
    fed = {row["id"] for row in reader.rows if id_of(row["device"]) == device}
    check(f"DataFeed: the {len(fed)} of one device are those that Get has", fed == got)
    page = api.call("GetFeed", type_name="LogRecord", from_version=version, results_limit=ROWS)
    again = {row["id"] for row in page["data"]}
    check("GetFeed: nothing comes twice", not again & {row["id"] for row in rows})


def others(api, start):
    for entity, search in (
        ("StatusData", {}),
        ("Trip", {"includeDeleted": True}),
        ("ExceptionEvent", {"includeInvalidated": True, "includeDismissedEvents": True}),
        ("FaultData", {}),
        ("DutyStatusLog", {"includeModifications": True}),
        ("DriverChange", {}),
    ):
        reader = follow(api, entity, fromDate=start, **search)
        check(f"DataFeed: {len(reader.rows)} rows of {entity}",
              reader.error is None and len(reader.rows) > 0)


def refusals(api):
    reader = follow(api, "Nonsense")
    check("DataFeed: an unknown entity reaches the listener",
          reader.error is not None and reader.error.name == "MissingMethodException")


def read_feeds(api, known, start):
    head(api)
    positions(api, known, start)
    others(api, start)
    refusals(api)
