//! Asking for connections and their syncs.

use clap::{Args, Subcommand};
use model::connection::SyncMode;
use model::{ConnectionId, SyncId, Timestamp, Zone};

use super::{ApplicationArgs, OutputArgs};

const CONNECTION_EXAMPLES: &str = "\
Examples:
  gladhand connection create --provider samsara --credential apiKey=@token.txt --days 30
  pass show samsara | gladhand connection create --provider samsara --credential apiKey=-
  gladhand connection create --provider samsara --credential apiKey=env:SAMSARA_TOKEN

A credential is @FILE, - (standard input), env:NAME, or the plain value. Avoid the plain value: it
stays in the shell's history and is seen by whoever lists processes. What is stored is sealed.";

const DELETE_EXAMPLES: &str = "\
Examples:
  gladhand connection delete conn_…               in a day; its syncs end now
  gladhand connection restore conn_…              called off, within that day
  gladhand connection delete conn_… --now --yes   for scripts

Its records, history, raw log, credentials, syncs and issues go; whose connection it was stays
listed. Backups keep what they have: the chapter on deletion in docs/operating.md says more.";

#[derive(Debug, Subcommand)]
pub enum ConnectionCommand {
    /// Connect an account and start its first sync
    #[command(after_help = CONNECTION_EXAMPLES)]
    Create(Box<ConnectionCreateArgs>),
    /// List connections
    List {
        #[command(flatten)]
        owner: ApplicationArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show one connection
    Show {
        #[arg(value_name = "conn_…")]
        id: ConnectionId,
        /// Show its token, too: with it and a secret key, all of its data can be read
        #[arg(long)]
        token: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Set the zone of its days and months; what is kept by them is read again at the next sync
    TimeZone {
        #[arg(value_name = "conn_…")]
        id: ConnectionId,
        /// Such as America/Chicago
        #[arg(value_name = "ZONE", value_parser = time_zone)]
        zone: Zone,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Put one away: it is not synced any more, its history stays readable
    Archive {
        #[arg(value_name = "conn_…")]
        id: ConnectionId,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Connect one again that was archived, disconnected, or is about to be deleted
    Restore {
        #[arg(value_name = "conn_…")]
        id: ConnectionId,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Delete one with all its data, a day from now unless it is restored before that
    #[command(after_help = DELETE_EXAMPLES)]
    Delete {
        #[arg(value_name = "conn_…")]
        id: ConnectionId,
        /// Begin at once; nobody can call it off then
        #[arg(long)]
        now: bool,
        /// Do not ask whether --now is meant
        #[arg(long, requires = "now")]
        yes: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Args, Debug)]
pub struct ConnectionCreateArgs {
    #[command(flatten)]
    pub owner: ApplicationArgs,
    /// Provider code, such as samsara
    #[arg(long, value_name = "CODE")]
    pub provider: String,
    /// A field of the provider's credentials: NAME=@FILE, NAME=-, NAME=env:VARIABLE
    #[arg(long, value_name = "NAME=SOURCE", required = true)]
    pub credential: Vec<String>,
    /// Name of the customer's company
    #[arg(long, value_name = "NAME")]
    pub company: Option<String>,
    /// USDOT number of the company; can be repeated
    #[arg(long, value_name = "NUMBER")]
    pub dot_number: Vec<String>,
    /// Your own id for the connection
    #[arg(long, value_name = "TEXT")]
    pub external_id: Option<String>,
    /// Tag; can be repeated
    #[arg(long, value_name = "TEXT")]
    pub tag: Vec<String>,
    /// "automatic" keeps it up to date on a cadence, "manual" syncs on request only
    #[arg(long, value_parser = sync_mode, default_value = "automatic", value_name = "MODE")]
    pub sync_mode: SyncMode,
    /// Talk to this server instead of the provider's own
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// Seconds between automatic syncs of this connection [default: sync.cadence_seconds]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(10..=86_400))]
    pub cadence_seconds: Option<u64>,
    /// IANA zone of the fleet's days and months [default: the account's, else most drivers']
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    pub time_zone: Option<Zone>,
    #[command(flatten)]
    pub start: StartArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Args, Clone, Copy, Debug, Default)]
#[group(multiple = false)]
pub struct StartArgs {
    /// Read history of so many days (fractions allowed)
    #[arg(long, value_parser = days)]
    pub days: Option<f64>,
    /// Read history from this time on, such as 2026-01-31T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub start_from: Option<Timestamp>,
}

#[derive(Debug, Subcommand)]
pub enum SyncCommand {
    /// Ask for a sync now
    Request {
        #[arg(value_name = "conn_…")]
        connection: ConnectionId,
        #[command(flatten)]
        start: StartArgs,
        /// Stay until it is over; the exit status is 1 when it failed
        #[arg(long)]
        wait: bool,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show a sync (the connection's newest, unless another is named)
    Status {
        #[arg(value_name = "conn_…")]
        connection: ConnectionId,
        #[arg(value_name = "sync_…")]
        sync: Option<SyncId>,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List a connection's syncs, newest first
    List {
        #[arg(value_name = "conn_…")]
        connection: ConnectionId,
        /// At most so many
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=100))]
        limit: u16,
        #[command(flatten)]
        output: OutputArgs,
    },
}

pub(super) fn sync_mode(text: &str) -> Result<SyncMode, String> {
    SyncMode::from_name(text).ok_or_else(|| "wanted automatic or manual".to_owned())
}

fn time_zone(text: &str) -> Result<Zone, String> {
    Zone::named(text).ok_or_else(|| "wanted an IANA time zone such as America/Chicago".to_owned())
}

fn days(text: &str) -> Result<f64, String> {
    let days = text.parse::<f64>().ok();
    days.filter(|days| *days > 0.0 && *days <= 3_660.0)
        .ok_or_else(|| "wanted a number above 0, up to 3660".to_owned())
}
