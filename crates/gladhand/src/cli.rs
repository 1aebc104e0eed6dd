//! The command line: what can be asked, in the words of its help.
//!
//! Only shapes and texts live here; what a command does is in [`crate::commands`].

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::connection::SyncMode;
use model::{ApplicationId, ConnectionId, KeyId, SyncId, Timestamp, Zone};

const EXAMPLES: &str = "\
To see it work, with a synthetic fleet and nothing to set up:
  gladhand demo

To run it on your own fleet:
  gladhand serve &
  gladhand application create \"My product\"
  gladhand key create
  gladhand connection create --provider samsara --credential apiKey=@token.txt --days 30
  gladhand sync status conn_…

Exit status: 0 done, 1 failed, 2 the command line or the configuration is wrong.";

#[derive(Debug, Parser)]
#[command(
    name = "gladhand",
    version,
    about = "Pulls a fleet's data out of its telematics provider and serves it over one API.",
    after_help = EXAMPLES,
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub sources: SourceArgs,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Configuration")]
pub struct SourceArgs {
    /// Configuration file [default: $GLADHAND_CONFIG, else ./gladhand.toml if it is there]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Set a configuration key, over file and environment; can be repeated
    #[arg(long, global = true, value_name = "SECTION.KEY=VALUE")]
    pub set: Vec<String>,
    /// Data directory: database, vault key, admin token [key: data.directory]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    #[command(after_help = SERVE_EXAMPLES)]
    Serve(ServeArgs),
    /// Run simulator and server together on a synthetic fleet, and show what to try
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(DemoArgs),
    /// Run the simulator alone: a synthetic fleet behind servers that speak as providers do
    #[command(after_help = SIMULATE_EXAMPLES)]
    Simulate(SimulateArgs),
    /// Applications own keys and connections
    #[command(subcommand)]
    Application(ApplicationCommand),
    /// API keys of an application
    #[command(subcommand)]
    Key(KeyCommand),
    /// Connections: authorised accounts at providers
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Ask for syncs and watch them
    #[command(subcommand)]
    Sync(SyncCommand),
    /// Map stored provider answers again with this program's mapping
    #[command(after_help = REPLAY_EXAMPLES)]
    Replay(ReplayArgs),
    /// Print the configuration in force, and where each value came from
    #[command(after_help = CONFIG_EXAMPLES)]
    Config(ConfigArgs),
    /// Show as JSON what a stored provider answer means: drafts, points, notices
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(ExplainArgs),
}

const SERVE_EXAMPLES: &str = "\
Examples:
  gladhand serve
  gladhand serve --listen 127.0.0.1:0 --data ./data
  gladhand serve --set sync.cadence_seconds=300 --set log.format=json

It stops on Ctrl-C or SIGTERM, after the checkpoint in hand.";

#[derive(Args, Debug)]
pub struct ServeArgs {
    /// Address and port to listen on; port 0 takes any free one [key: server.listen]
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<String>,
}

const DEMO_EXAMPLES: &str = "\
Examples:
  gladhand demo
  gladhand demo --vehicles 200 --days 14 --seed 7
  gladhand demo --provider all            one fleet, at every provider that can be simulated
  gladhand demo --faults all              the provider misbehaves in every way we know
  gladhand demo --once --format json      for scripts: one line of JSON, then the end

It reads no configuration file and no environment variable; --config and --set work. With --data
of an earlier demo it goes on where that one stopped.";

#[derive(Args, Debug)]
pub struct DemoArgs {
    /// Port of the server; 0 takes any free one
    #[arg(long, default_value_t = 8880)]
    pub port: u16,
    #[command(flatten)]
    pub fleet: FleetArgs,
    /// Exit after the first sync
    #[arg(long)]
    pub once: bool,
    /// "json": when the first sync is done, one line on standard output; all else on standard error
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Args, Debug)]
#[command(next_help_heading = "Synthetic fleet")]
pub struct FleetArgs {
    /// Vehicles in the fleet
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub vehicles: u32,
    /// Drivers in the fleet
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub drivers: u32,
    /// Providers that show the fleet: "all", or a list with commas; a wrong name lists them
    #[arg(
        long = "provider",
        value_delimiter = ',',
        value_name = "NAMES",
        default_value = "samsara"
    )]
    pub providers: Vec<String>,
    /// Days of history
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=366))]
    pub days: u32,
    /// The same seed gives the same fleet
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// Faults of the provider: "all", or a list with commas; a wrong name lists them
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub faults: Vec<String>,
}

const SIMULATE_EXAMPLES: &str = "\
Examples:
  gladhand simulate --port 8931
  gladhand simulate --provider samsara,geotab,motive
  gladhand simulate --tls --faults throttle,errors --rate-limits on

Each provider takes the next port (Geotab two: it sends clients on after they signed in); address,
credentials and a first question are printed. Point a connection at it:
  gladhand connection create --provider samsara --base-url http://127.0.0.1:8931 \\
      --credential apiKey=sim-token --days 3";

#[derive(Args, Debug)]
pub struct SimulateArgs {
    /// Port of the first server, the next ones follow; 0 takes any free ones
    #[arg(long, default_value_t = 8931)]
    pub port: u16,
    #[command(flatten)]
    pub fleet: FleetArgs,
    /// Serve TLS with an authority made at start; its certificate's path is printed
    #[arg(long)]
    pub tls: bool,
    /// The secret that opens the account: token, password or API key
    #[arg(long, default_value = "sim-token")]
    pub token: String,
    /// Answer 429 as the provider would
    #[arg(long, value_enum, default_value_t = Switch::Off, value_name = "on|off")]
    pub rate_limits: Switch,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    On,
    Off,
}

/// How an operator's command shows what it got.
#[derive(Args, Clone, Copy, Debug, Default)]
pub struct OutputArgs {
    /// "json" prints the answer as it is, for scripts
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Subcommand)]
pub enum ApplicationCommand {
    /// Make an application
    Create {
        /// For people to tell applications apart
        name: String,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List applications
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ApplicationArgs {
    /// Whose; needed only when there is more than one application
    #[arg(long, value_name = "app_…")]
    pub application: Option<ApplicationId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum KeyKindArg {
    /// sk_…: everything, for your servers only
    #[default]
    Secret,
    /// pk_…: opens the hosted Link page only
    Publishable,
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key. Its text is shown once and cannot be had again
    Create {
        #[command(flatten)]
        owner: ApplicationArgs,
        /// Kind of key
        #[arg(long, value_enum, default_value_t)]
        kind: KeyKindArg,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List keys, revoked ones included
    List {
        #[command(flatten)]
        owner: ApplicationArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Revoke a key: it is refused from now on
    Revoke {
        /// The key's id (not its text)
        #[arg(value_name = "key_…")]
        id: KeyId,
        #[command(flatten)]
        output: OutputArgs,
    },
}

const CONNECTION_EXAMPLES: &str = "\
Examples:
  gladhand connection create --provider samsara --credential apiKey=@token.txt --days 30
  pass show samsara | gladhand connection create --provider samsara --credential apiKey=-
  gladhand connection create --provider samsara --credential apiKey=env:SAMSARA_TOKEN

A credential is @FILE, - (standard input), env:NAME, or the plain value. Avoid the plain value: it
stays in the shell's history and is seen by whoever lists processes. What is stored is sealed.";

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

const REPLAY_EXAMPLES: &str = "\
Examples:
  gladhand replay conn_… --dry-run            what would change
  gladhand replay conn_… --stream trips       only what this stream gave
  gladhand replay conn_… --format json        the summary as JSON, when it is over

Run it after an upgrade that corrects a mapping: records and history become what the stored answers
mean today. The provider is not asked. Answers whose bodies are no longer kept (see
data.raw_retention_days) are passed over, and what they gave stays. Syncs of the connection wait
meanwhile. Run twice it changes nothing.";

#[derive(Args, Debug)]
pub struct ReplayArgs {
    #[arg(value_name = "conn_…")]
    pub connection: ConnectionId,
    /// Only what this stream, and the feed or window beside it, gave; a wrong name lists them
    #[arg(long)]
    pub stream: Option<String>,
    /// Tell what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub output: OutputArgs,
}

const CONFIG_EXAMPLES: &str = "\
Examples:
  gladhand config --default > gladhand.toml     a file to start from
  gladhand config                               what is in force here, and why
  GLADHAND_SYNC_WORKERS=8 gladhand config";

#[derive(Args, Debug)]
pub struct ConfigArgs {
    /// Print the built-in default, with its comments
    #[arg(long)]
    pub default: bool,
    #[command(flatten)]
    pub output: OutputArgs,
}

const EXPLAIN_EXAMPLES: &str = "\
Examples:
  gladhand explain samsara vehicles answer.json
  gladhand explain samsara drivers sample.json --envelope
  curl -s … | gladhand explain samsara stats.motion -

A wrong provider or stream lists those that exist.";

#[derive(Args, Debug)]
pub struct ExplainArgs {
    /// Provider code
    pub provider: String,
    /// Stream of the provider
    pub stream: String,
    /// The answer's body as the provider sent it; - for standard input
    pub file: PathBuf,
    /// The body is the member "payload" of the file, as in recorded samples
    #[arg(long)]
    pub envelope: bool,
}

fn sync_mode(text: &str) -> Result<SyncMode, String> {
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

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;

    fn parse(line: &str) -> Result<Cli, String> {
        let words = std::iter::once("gladhand").chain(line.split(' '));
        Cli::try_parse_from(words).map_err(|error| error.to_string())
    }

    #[test]
    fn the_commands_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_of_the_help_is_understood() {
        for line in [
            "demo",
            "demo --once --format json --port 0 --faults all",
            "demo --provider all",
            "demo --vehicles 200 --days 14 --seed 7 --faults throttle,late",
            "serve --listen 127.0.0.1:0 --data ./data",
            "serve --set sync.cadence_seconds=300 --set log.format=json",
            "simulate --tls --rate-limits on --port 8931",
            "simulate --provider samsara,geotab,motive",
            "application create Mine",
            "key create --kind publishable",
            "key revoke key_01GV12VR4DJP70GD1ZBK0SDWFH",
            "connection create --provider samsara --credential apiKey=@token.txt --days 0.5",
            "connection show conn_01GV12VR4DJP70GD1ZBK0SDWFH --format json",
            "sync request conn_01GV12VR4DJP70GD1ZBK0SDWFH --start-from 2026-01-31T00:00:00Z",
            "sync status conn_01GV12VR4DJP70GD1ZBK0SDWFH",
            "replay conn_01GV12VR4DJP70GD1ZBK0SDWFH --stream trips --dry-run --format json",
            "config --default",
            "explain samsara vehicles answer.json --envelope",
        ] {
            assert!(parse(line).is_ok(), "{line}: {:?}", parse(line).err());
        }
    }

    #[test]
    fn nonsense_is_refused_with_the_reason() {
        let check = |line: &str, want: &str| {
            let shown = parse(line).expect_err(line);
            assert!(shown.contains(want), "{line}: {shown}");
        };
        check("demo --vehicles 0", "1..=100000");
        check("sync status sync_1", "conn_");
        check(
            "sync request conn_01GV12VR4DJP70GD1ZBK0SDWFH --days 0",
            "above 0, up to 3660",
        );
        check(
            "sync request conn_01GV12VR4DJP70GD1ZBK0SDWFH --days 1 \
             --start-from 2026-01-31T00:00:00Z",
            "cannot be used with",
        );
        check("connection create --provider samsara", "--credential");
        check("serv", "serve");
    }
}
