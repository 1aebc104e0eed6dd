//! Asking for synthetic fleets: the demo and the simulator.

use clap::Args;

use super::{Format, Switch};

pub(super) const DEMO_EXAMPLES: &str = "\
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
    /// Port of the hosted Link page; 0, and --port 0, take any free one
    #[arg(long, default_value_t = 8881)]
    pub link_port: u16,
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

pub(super) const SIMULATE_EXAMPLES: &str = "\
Examples:
  gladhand simulate --port 8931
  gladhand simulate --provider samsara,geotab,motive
  gladhand simulate --tls --faults throttle,errors --rate-limits on

Each provider takes the next port (Geotab two: it sends clients on after they signed in); address,
credentials and a first question are printed. Point a connection at it:
  gladhand connection create --provider samsara --base-url http://127.0.0.1:8931 \\
      --credential apiKey=sim-token --days 3
Or start a server with the printed settings, and connect in a browser.";

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
    /// Origin of the server's Link page: where OAuth leads back to, at /oauth/callback/PROVIDER
    #[arg(long, default_value = simulator::USUAL_LINK_URL, value_name = "URL")]
    pub link_url: String,
    /// Answer 429 as the provider would
    #[arg(long, value_enum, default_value_t = Switch::Off, value_name = "on|off")]
    pub rate_limits: Switch,
}
