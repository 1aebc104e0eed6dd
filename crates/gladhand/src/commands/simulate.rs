//! `gladhand simulate`: one synthetic fleet behind servers that speak providers' wire formats, each
//! at a port of its own.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use model::Timestamp;
use serde_json::json;
use simulator::{
    AppConfig, FaultPlan, ServerHandle, SimulatedProvider, TlsIdentity, Vendor, VendorOptions,
    World, WorldConfig,
};
use tokio::net::TcpListener;
use world::{Clock, SystemClock};

use crate::cli::{FleetArgs, SimulateArgs, Switch};
use crate::error::CommandError;
use crate::{output, signals};

/// What a simulator is started with.
pub struct Simulation {
    /// Which providers show the fleet.
    pub vendors: Vec<Vendor>,
    /// Of the first server; each further one takes the next. 0: any free ones.
    pub port: u16,
    pub vehicles: u32,
    pub drivers: u32,
    pub seed: u64,
    pub begins_at: Timestamp,
    pub faults: FaultPlan,
    pub token: String,
    pub rate_limits: bool,
    /// Origin of the Link page that people are sent back to.
    pub link_url: String,
}

/// One provider, listening.
pub struct Simulated {
    pub vendor: Vendor,
    /// The app that it knows, where people can consent to one.
    pub app: Option<AppConfig>,
    server: ServerHandle,
    /// Where the account lives, for a provider that sends clients on after they signed in.
    second: Option<ServerHandle>,
}

impl Simulated {
    pub fn base_url(&self) -> String {
        self.server.base_url()
    }

    /// What a server is configured with to go there, by key. Without the app's redirect address,
    /// which a server with the Link page of the simulation has by itself.
    pub fn settings(&self) -> Vec<(String, String)> {
        let mut named = vec![("base_url", self.base_url())];
        if let Some(app) = &self.app {
            named.push(("client_id", app.client_id.clone()));
            named.push(("client_secret", app.client_secret.clone()));
        }
        let key = |name| format!("providers.{}.{name}", self.vendor);
        let keyed = |(name, value)| (key(name), value);
        named.into_iter().map(keyed).collect()
    }

    pub async fn stop(self) -> Result<(), CommandError> {
        let first = self.server.stop().await;
        let second = match self.second {
            Some(second) => second.stop().await,
            None => Ok(()),
        };
        first.and(second).map_err(CommandError::Serve)
    }
}

impl Simulation {
    /// The servers in the order of the vendors.
    pub async fn start(self, tls: Option<TlsIdentity>) -> Result<Vec<Simulated>, CommandError> {
        let world = Arc::new(World::new(WorldConfig {
            seed: self.seed,
            vehicles: self.vehicles as usize,
            drivers: self.drivers as usize,
            begins_at: self.begins_at,
            ends_at: None,
        }));
        let mut ports = Ports(self.port);
        let mut started = Vec::new();
        for vendor in &self.vendors {
            started.push(self.start_one(*vendor, &world, &mut ports, &tls).await?);
        }
        Ok(started)
    }

    async fn start_one(
        &self,
        vendor: Vendor,
        world: &Arc<World>,
        ports: &mut Ports,
        tls: &Option<TlsIdentity>,
    ) -> Result<Simulated, CommandError> {
        let listener = ports.listen().await?;
        let second = match vendor.has_second_host() {
            true => Some(ports.listen().await?),
            false => None,
        };
        let second_host = second.as_ref().map(TcpListener::local_addr).transpose();
        let second_host = second_host.map_err(CommandError::Serve)?;
        let options = VendorOptions {
            token: self.token.clone(),
            rate_limits: self.rate_limits,
            second_host: second_host.map(|address| address.to_string()),
            link_url: self.link_url.clone(),
        };
        let server = vendor.server(world, &self.faults, &options);
        let serve = |listener| {
            let server: Arc<dyn SimulatedProvider> = Arc::clone(&server);
            let served = simulator::serve_on(listener, server, Arc::new(SystemClock), tls.clone());
            served.map_err(CommandError::Serve)
        };
        Ok(Simulated {
            vendor,
            app: vendor.app(&self.link_url),
            server: serve(listener)?,
            second: second.map(serve).transpose()?,
        })
    }
}

/// The next port to listen on; 0 stays 0.
struct Ports(u16);

impl Ports {
    async fn listen(&mut self) -> Result<TcpListener, CommandError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.0));
        if self.0 > 0 {
            // After the last one any free one will do.
            self.0 = self.0.wrapping_add(1);
        }
        let listening = TcpListener::bind(address).await;
        listening.map_err(|error| CommandError::Listen {
            address: address.to_string(),
            reason: error.to_string(),
        })
    }
}

pub fn faults(fleet: &FleetArgs) -> Result<FaultPlan, CommandError> {
    FaultPlan::parse(&fleet.faults.join(","), fleet.seed)
        .map_err(|error| CommandError::Usage(error.to_string()))
}

/// The providers named, each once; "all" stands for all that there are.
pub fn vendors(names: &[String]) -> Result<Vec<Vendor>, CommandError> {
    let mut vendors = Vec::new();
    for name in names {
        let named = match name.as_str() {
            "all" => Vendor::ALL.to_vec(),
            name => {
                let vendor = name.parse();
                vec![vendor.map_err(|e: simulator::UnknownVendor| {
                    CommandError::Usage(format!("--provider: {e}, all"))
                })?]
            }
        };
        for vendor in named {
            if !vendors.contains(&vendor) {
                vendors.push(vendor);
            }
        }
    }
    Ok(vendors)
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
        vendors: vendors(&fleet.providers)?,
        port: arguments.port,
        vehicles: fleet.vehicles,
        drivers: fleet.drivers,
        seed: fleet.seed,
        begins_at: days_ago(fleet.days),
        faults,
        token: arguments.token.clone(),
        rate_limits: arguments.rate_limits == Switch::On,
        link_url: arguments.link_url.clone(),
    };
    let servers = simulation.start(identity).await?;
    for server in &servers {
        let (url, vendor) = (server.base_url(), server.vendor);
        output::line(&format!("listening on {url} as {vendor}"))?;
    }
    output::line(&format!(
        "fleet        {} vehicles, {} drivers, {} days, seed {}",
        fleet.vehicles, fleet.drivers, fleet.days, fleet.seed
    ))?;
    output::line(&format!("faults       {shown_faults}"))?;
    let trust = authority.map(|path| path.display().to_string());
    if let Some(path) = &trust {
        output::line(&format!("authority    {path}"))?;
    }
    for server in &servers {
        show(server, &arguments.token, trust.as_deref())?;
    }
    output::line(&how_to_serve(&servers, trust.as_deref()))?;
    signals::stop_requested().await;
    for server in servers {
        server.stop().await?;
    }
    Ok(())
}

/// Credentials of a server and a first question to it.
fn show(server: &Simulated, token: &str, trust: Option<&str>) -> Result<(), CommandError> {
    let vendor = server.vendor;
    output::line(&format!("\n{vendor}"))?;
    let mut lines = vendor.credentials(token);
    if let Some(app) = &server.app {
        let grant = app.refresh_token.iter().cloned();
        lines.extend(grant.map(|token| ("refreshToken", token)));
        lines.push(("clientId", app.client_id.clone()));
        lines.push(("clientSecret", app.client_secret.clone()));
        lines.push(("redirectUri", app.redirect_uri.clone()));
    }
    lines.extend(server.second.iter().map(|s| ("moves to", s.base_url())));
    for (name, value) in lines {
        output::line(&format!("  {name:<14}{value}"))?;
    }
    let cacert = trust.map(|path| format!("--cacert '{path}' "));
    output::line(&format!(
        "  curl -s {}{}",
        cacert.unwrap_or_default(),
        first_question(vendor, &server.base_url(), token)
    ))
}

/// What curl is told to ask.
fn first_question(vendor: Vendor, base_url: &str, token: &str) -> String {
    match vendor {
        Vendor::Samsara => {
            format!("-H 'Authorization: Bearer {token}' '{base_url}/fleet/vehicles?limit=3'")
        }
        Vendor::Geotab => {
            let names = |(name, value)| match name {
                "username" => ("userName", value),
                name => (name, value),
            };
            let account: BTreeMap<_, _> =
                vendor.credentials(token).into_iter().map(names).collect();
            let body = json!({"method": "Authenticate", "params": account});
            format!("-H 'Content-Type: application/json' -d '{body}' '{base_url}/apiv1'")
        }
        Vendor::Motive => format!("-H 'X-Api-Key: {token}' '{base_url}/v1/vehicles?per_page=3'"),
    }
}

/// The server's command line for these providers.
fn how_to_serve(servers: &[Simulated], trust: Option<&str>) -> String {
    let mut command = "\nThen:\n  gladhand serve".to_owned();
    if let Some(path) = trust {
        command.push_str(&format!(" --set http.extra_roots_file={path}"));
    }
    for server in servers {
        let app = server.app.iter();
        let redirect = app.map(|app| {
            let key = format!("providers.{}.redirect_uri", server.vendor);
            (key, app.redirect_uri.clone())
        });
        for (key, value) in server.settings().into_iter().chain(redirect) {
            command.push_str(&format!(" --set {key}={value}"));
        }
    }
    command
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
