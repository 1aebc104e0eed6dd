//! `gladhand simulate`: a synthetic fleet behind a server that speaks Samsara's wire format.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use model::Timestamp;
use simulator::{
    FaultPlan, SamsaraConfig, SamsaraServer, ServerHandle, TlsIdentity, World, WorldConfig,
};
use world::{Clock, SystemClock};

use crate::cli::{FleetArgs, SimulateArgs, Switch};
use crate::error::CommandError;
use crate::{output, signals};

/// What a simulator is started with.
pub struct Simulation {
    pub port: u16,
    pub vehicles: u32,
    pub drivers: u32,
    pub seed: u64,
    pub begins_at: Timestamp,
    pub faults: FaultPlan,
    pub token: String,
    pub rate_limits: bool,
}

impl Simulation {
    pub async fn start(self, tls: Option<TlsIdentity>) -> Result<ServerHandle, CommandError> {
        let world = World::new(WorldConfig {
            seed: self.seed,
            vehicles: self.vehicles as usize,
            drivers: self.drivers as usize,
            begins_at: self.begins_at,
            ends_at: None,
        });
        let config = SamsaraConfig {
            tokens: vec![self.token],
            rate_limits: self.rate_limits,
            ..SamsaraConfig::default()
        };
        let server = SamsaraServer::new(Arc::new(world), self.faults, config);
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        simulator::serve(address, Arc::new(server), Arc::new(SystemClock), tls)
            .await
            .map_err(|error| CommandError::Listen {
                address: address.to_string(),
                reason: error.to_string(),
            })
    }
}

pub fn faults(fleet: &FleetArgs) -> Result<FaultPlan, CommandError> {
    FaultPlan::parse(&fleet.faults.join(","), fleet.seed)
        .map_err(|error| CommandError::Usage(error.to_string()))
}

/// When a history of so many days begins that ends now.
pub fn days_ago(days: u32) -> Timestamp {
    WorldConfig::days_before(SystemClock.now(), days, 0).begins_at
}

pub async fn run(arguments: &SimulateArgs) -> Result<(), CommandError> {
    let fleet = &arguments.fleet;
    let faults = faults(fleet)?;
    let shown_faults = faults.to_string();
    let identity = match arguments.tls {
        true => Some(
            TlsIdentity::generate(["localhost", "127.0.0.1"])
                .map_err(|error| CommandError::Simulator(error.to_string()))?,
        ),
        false => None,
    };
    let authority = identity.as_ref().map(write_authority).transpose()?;
    let simulation = Simulation {
        port: arguments.port,
        vehicles: fleet.vehicles,
        drivers: fleet.drivers,
        seed: fleet.seed,
        begins_at: days_ago(fleet.days),
        faults,
        token: arguments.token.clone(),
        rate_limits: arguments.rate_limits == Switch::On,
    };
    let server = simulation.start(identity).await?;
    let url = server.base_url();
    output::line(&format!("listening on {url}"))?;
    output::line(&format!(
        "fleet        {} vehicles, {} drivers, {} days, seed {}",
        fleet.vehicles, fleet.drivers, fleet.days, fleet.seed
    ))?;
    output::line(&format!("faults       {shown_faults}"))?;
    output::line(&format!("token        {}", arguments.token))?;
    let trust = authority.map(|path| path.display().to_string());
    if let Some(path) = &trust {
        output::line(&format!("authority    {path}"))?;
    }
    output::line("\nTry:")?;
    let cacert = trust.as_ref().map(|path| format!("--cacert '{path}' "));
    output::line(&format!(
        "  curl -s {}-H 'Authorization: Bearer {}' '{url}/fleet/vehicles?limit=3'",
        cacert.unwrap_or_default(),
        arguments.token
    ))?;
    let serve = trust.map(|path| format!("http.extra_roots_file={path} --set "));
    output::line(&format!(
        "  gladhand serve --set {}providers.samsara.base_url={url}",
        serve.unwrap_or_default()
    ))?;
    signals::stop_requested().await;
    server.stop().await.map_err(CommandError::Serve)
}

/// For clients to trust: the authority is made at every start, so the file has no better place than
/// the system's temporary directory.
fn write_authority(identity: &TlsIdentity) -> Result<PathBuf, CommandError> {
    let name = format!("gladhand-simulator-{}-ca.pem", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, identity.authority_pem())
        .map_err(|error| CommandError::file(&path, &error))?;
    Ok(path)
}
