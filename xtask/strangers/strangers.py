"""What the Python readers of this folder share."""

import os
import sys


def check(what, holds):
    print(f"   {'ok' if holds else 'FAILED'}: {what}")
    if not holds:
        sys.exit(1)


def simulator():
    """Where the simulator is and what opens its account: `URL`, `USERNAME` and so on."""
    prefix = "SIMULATOR_"
    return {name.removeprefix(prefix): value for name, value in os.environ.items()
            if name.startswith(prefix)}


def rfc3339(time):
    return time.isoformat().replace("+00:00", "Z")


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
