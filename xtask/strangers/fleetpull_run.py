"""Runs fleetpull's own command and reads what it wrote: what its scripts share."""

import sys
from datetime import datetime, timedelta, timezone

import polars
from fleetpull import cli


def first_day(days):
    return (datetime.now(timezone.utc) - timedelta(days=days)).date()


def sync(provider, section, days, directory):
    """Pulls from so many days ago on; `section` is the provider's part of the configuration.

    A window of history ends with the last midnight, a feed with the present.
    """
    config = directory / "fleetpull.yaml"
    config.write_text(f"""
sync: {{default_start_date: {first_day(days)}}}
storage: {{dataset_root: {directory / "data"}}}
logging: {{console_level: WARNING}}
providers:
  {provider}:
{section}
""")
    status = cli.main(["sync", str(config)])
    if status != 0:
        sys.exit(status)


def rows(directory, provider, endpoint):
    """Everything that an endpoint brought, as one table; `None`: nothing."""
    parts = sorted((directory / "data" / provider / endpoint).rglob("*.parquet"))
    # A day without a single value in a column has another type for it.
    frames = [polars.read_parquet(part) for part in parts]
    frames = [frame for frame in frames if frame.height > 0]
    return polars.concat(frames, how="diagonal_relaxed") if frames else None


def count(directory, provider, endpoints, empty):
    """Says how many rows each endpoint has; ends at one that has none, or that should."""
    for endpoint in endpoints:
        table = rows(directory, provider, endpoint)
        height = table.height if table is not None else 0
        print(f"   ok: {endpoint}: {height} rows")
        if (height == 0) != (endpoint in empty):
            sys.exit(f"{endpoint} has {height} rows")
