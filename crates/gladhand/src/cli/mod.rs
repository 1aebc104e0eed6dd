//! The command line: what can be asked, in the words of its help.
//!
//! Only shapes and texts live here; what a command does is in [`crate::commands`].

mod connections;
mod consent;
mod simulation;
mod tenants;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use model::ConnectionId;

pub use self::connections::{ConnectionCommand, ConnectionCreateArgs, StartArgs, SyncCommand};
pub use self::consent::{FormArgs, ProviderCommand, TemplateCommand};
pub use self::simulation::{DemoArgs, FleetArgs, SimulateArgs};
pub use self::tenants::{
    ApplicationArgs, ApplicationCommand, ApplicationSetArgs, ChangeMasterArgs, EnvironmentArg,
    KeyCommand, KeyKindArg, MergeArg, VaultCommand,
};

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
    #[command(after_help = simulation::DEMO_EXAMPLES)]
    Demo(DemoArgs),
    /// Run the simulator alone: a synthetic fleet behind servers that speak as providers do
    #[command(after_help = simulation::SIMULATE_EXAMPLES)]
    Simulate(SimulateArgs),
    /// Applications own keys and connections
    #[command(subcommand)]
    Application(ApplicationCommand),
    /// API keys of an application
    #[command(subcommand)]
    Key(KeyCommand),
    /// The keys that seal credentials and tokens
    #[command(subcommand)]
    Vault(VaultCommand),
    /// Connections: authorised accounts at providers
    #[command(subcommand)]
    Connection(ConnectionCommand),
    /// Templates: how an application asks for consent on the Link page
    #[command(subcommand)]
    Template(TemplateCommand),
    /// Providers: which there are, and which people missed
    #[command(subcommand)]
    Provider(ProviderCommand),
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
    /// Where the hosted Link page listens [key: link.listen]
    #[arg(long, value_name = "ADDRESS")]
    pub link_listen: Option<String>,
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
            "application create Mine --environment sandbox",
            "application set app_01GV12VR4DJP70GD1ZBK0SDWFH --allow-origin https://a.test",
            "application show app_01GV12VR4DJP70GD1ZBK0SDWFH",
            "key create --kind publishable",
            "key revoke key_01GV12VR4DJP70GD1ZBK0SDWFH",
            "key rotate key_01GV12VR4DJP70GD1ZBK0SDWFH --overlap 90m",
            "key rotate key_01GV12VR4DJP70GD1ZBK0SDWFH --overlap 0",
            "vault rotate",
            "vault change-master --new-key-file new.key",
            "vault status --format json",
            "connection create --provider samsara --credential apiKey=@token.txt --days 0.5",
            "connection show conn_01GV12VR4DJP70GD1ZBK0SDWFH --format json",
            "connection archive conn_01GV12VR4DJP70GD1ZBK0SDWFH",
            "connection restore conn_01GV12VR4DJP70GD1ZBK0SDWFH",
            "connection delete conn_01GV12VR4DJP70GD1ZBK0SDWFH --now --yes",
            "template create default --display-name Acme --primary-color #1b66d1 --logo a.svg",
            "template update ltp_01GV12VR4DJP70GD1ZBK0SDWFH --require-external-id --no-logo",
            "template archive ltp_01GV12VR4DJP70GD1ZBK0SDWFH",
            "provider list --format json",
            "provider requests",
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
        check(
            "key rotate key_01GV12VR4DJP70GD1ZBK0SDWFH --overlap 1w",
            "24h",
        );
        check("vault change-master", "--new-key-file");
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
