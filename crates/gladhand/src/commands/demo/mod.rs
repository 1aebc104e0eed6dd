//! `gladhand demo`: simulators and server in one process, over real loopback HTTP, on a synthetic
//! fleet; linked, synced, shown, and kept up to date until Ctrl-C.
//!
//! In order: the data directory and what it remembers ([`record`]), the simulators, the server, the
//! tenant ([`tenant`]), the first sync with its progress ([`progress`]), the counts ([`counts`]).
//! It reads no configuration file and no environment variable, so that a demo never lands in the
//! database of a server that is set up on the same machine.

mod counts;
mod progress;
mod record;
mod screen;
mod tenant;

use std::time::Duration;

use engine::{RequestSyncError, StartFrom, SyncRequest};
use model::SyncId;
use serde_json::{Value, json};
use simulator::Vendor;
use store::{Connection, StoreError, SyncRow};
use tokio::sync::watch;
use world::{Clock, Entropy, SystemClock, SystemEntropy};

use crate::cli::{DemoArgs, Format, SourceArgs};
use crate::config::{Configuration, Inputs, Setting};
use crate::data_directory::DataDirectory;
use crate::error::CommandError;
use crate::instance::{Addresses, Instance, Listeners};
use crate::{log, output, signals};

use super::simulate::{self, Simulated};
use record::FleetRecord;
use screen::Screen;
use tenant::Tenant;

/// So short that something happens while one watches.
const CADENCE_SECONDS: &str = "60";
const JITTER_SECONDS: &str = "0";
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(1);

pub async fn run(sources: &SourceArgs, arguments: &DemoArgs) -> Result<(), CommandError> {
    let screen = Screen::new(arguments.format);
    let faults = simulate::faults(&arguments.fleet)?;
    let path = sources.data.clone().unwrap_or_else(|| {
        let random = SystemEntropy.u128() as u32;
        std::env::temp_dir().join(format!("gladhand-demo-{random:08x}"))
    });
    let data = DataDirectory::open(&path)?;
    let (fleet, goes_on) = FleetRecord::find_or_make(&data, &arguments.fleet)?;
    screen.fact("data", &data.path().display().to_string())?;
    screen.fact("fleet", &fleet.to_string())?;
    if goes_on {
        screen.fact("", "this directory's own fleet: an earlier demo goes on")?;
    }

    let shown_faults = faults.to_string();
    let simulation = simulate::Simulation {
        vendors: simulate::vendors(&fleet.providers)?,
        port: 0,
        vehicles: fleet.vehicles,
        drivers: fleet.drivers,
        seed: fleet.seed,
        begins_at: fleet.begins_at,
        faults,
        token: tenant::SIMULATOR_TOKEN.to_owned(),
        rate_limits: false,
        // The simulated apps take any port of this machine, whichever the Link page will have.
        link_url: format!("http://127.0.0.1:{}", arguments.link_port),
    };
    let vendors = simulation.vendors.clone();
    let simulators = simulation.start(None).await?;
    for simulator in &simulators {
        let (vendor, url) = (simulator.vendor, simulator.base_url());
        let shown = format!("{vendor} at {url} (faults: {shown_faults})");
        screen.fact("simulator", &shown)?;
    }

    let config = configuration(sources, arguments, &data, &simulators)?;
    log::start(&config.log);
    let listeners = Listeners::bind(&config).await?;
    let addresses = listeners.addresses(&config)?;
    let instance = Instance::open(&config, &data, &addresses).await?;
    instance.announce(&listeners)?;
    screen.fact("server", &addresses.public_url)?;
    screen.fact("link page", &addresses.link_url)?;

    let (stop, stopped) = watch::channel(false);
    let serving = tokio::spawn({
        let instance = instance.clone();
        async move { instance.serve(listeners, until(stopped)).await }
    });
    let demo = Demo {
        screen,
        instance,
        addresses,
        fleet,
        vendors,
    };
    let shown = tokio::select! {
        shown = demo.show(arguments.once) => shown,
        () = signals::stop_requested() => Ok(()),
    };
    demo.screen.say("\nstopping")?;
    stop.send_replace(true);
    let served = serving
        .await
        .map_err(|error| CommandError::Serve(std::io::Error::other(error)))?;
    let mut simulated = Ok(());
    for simulator in simulators {
        simulated = simulated.and(simulator.stop().await);
    }
    let data = data.path().display();
    demo.screen.say(&format!(
        "the data stays in {data}; to go on with it: gladhand demo --data {data}"
    ))?;
    shown.and(served).and(simulated)
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, and that is a stop as well.
    let _stopped = stopped.wait_for(|stop| *stop).await;
}

fn configuration(
    sources: &SourceArgs,
    arguments: &DemoArgs,
    data: &DataDirectory,
    simulators: &[Simulated],
) -> Result<Configuration, CommandError> {
    let own = |flag: &str, key: &str, text: String| Setting {
        flag: flag.to_owned(),
        key: key.to_owned(),
        text,
    };
    let listen = format!("127.0.0.1:{}", arguments.port);
    // Port 0 takes any free one, here too.
    let link_port = match arguments.port {
        0 => 0,
        _ => arguments.link_port,
    };
    let link = format!("127.0.0.1:{link_port}");
    let directory = data.path().display().to_string();
    let mut settings = vec![
        own("--port", "server.listen", listen),
        own("--link-port", "link.listen", link),
        own("demo", "data.directory", directory),
        own("demo", "sync.cadence_seconds", CADENCE_SECONDS.to_owned()),
        own("demo", "sync.jitter_seconds", JITTER_SECONDS.to_owned()),
        own("demo", "log.level", "error".to_owned()),
    ];
    let simulated = simulators.iter().flat_map(Simulated::settings);
    settings.extend(simulated.map(|(key, text)| own("demo", &key, text)));
    // The directory stands above already, made absolute.
    let flags = SourceArgs {
        data: None,
        ..sources.clone()
    };
    let config = Configuration::load(&Inputs {
        file: sources.config.clone(),
        look_in: None,
        environment: Vec::new(),
        settings: super::settings(&flags, settings)?,
        providers: super::provider_defaults(),
    })?;
    Ok(config)
}

struct Demo {
    screen: Screen,
    instance: Instance,
    addresses: Addresses,
    fleet: FleetRecord,
    vendors: Vec<Vendor>,
}

impl Demo {
    async fn show(&self, once: bool) -> Result<(), CommandError> {
        let begins_at = self.fleet.begins_at;
        let tenant = Tenant::find_or_make(&self.instance, &self.vendors, begins_at).await?;
        let screen = &self.screen;
        screen.fact("secret key", &tenant.secret_key)?;
        screen.fact("public key", &tenant.publishable_key)?;
        let mut asked = Vec::new();
        for connection in &tenant.connections {
            let shown = format!("{} ({})", connection.id, connection.provider);
            screen.fact("connection", &shown)?;
            screen.fact("its token", connection.token.reveal())?;
            asked.push(self.request_sync(connection).await?);
        }
        let mut last = Vec::new();
        for (connection, sync) in tenant.connections.iter().zip(asked) {
            last.push(self.first_sync(&tenant, connection, sync).await?);
        }
        if screen.format == Format::Json {
            output::line(&self.as_json(&tenant))?;
        }
        if once {
            return Ok(());
        }
        screen.say(&format!(
            "\nTo connect an account as its owner would, open this and sign in with {}:\n\n{}",
            tenant::SIMULATOR_TOKEN,
            self.link_address(&tenant)
        ))?;
        screen.say(&format!(
            "\nsyncing again every {CADENCE_SECONDS} s; Ctrl-C stops"
        ))?;
        self.watch(&tenant, last).await
    }

    /// Follows a connection's first sync to its end, and shows what it brought.
    async fn first_sync(
        &self,
        tenant: &Tenant,
        connection: &Connection,
        sync: SyncRow,
    ) -> Result<SyncId, CommandError> {
        let screen = &self.screen;
        screen.say(&format!("\nsyncing {} ({})", connection.provider, sync.id))?;
        let sync = progress::follow(&self.instance, screen, sync).await?;
        // Several run beside each other, so the moment of showing says nothing.
        let began = sync.started_at.unwrap_or(sync.requested_at);
        let took = sync.completed_at.unwrap_or(began).since(began);
        if let Some(reason) = sync.failure_reason {
            return Err(CommandError::SyncFailed {
                sync: sync.id.to_string(),
                reason,
            });
        }
        let begins_at = self.fleet.begins_at;
        let counts = counts::count(&self.instance, connection.id, begins_at).await?;
        screen.say(&format!("\nstored in {:.1} s:", took.as_secs_f64()))?;
        for (name, count) in &counts.lines {
            screen.say(&format!("  {count:>10}  {name}"))?;
        }
        self.show_what_to_try(tenant, connection, counts.some_vehicle.as_deref())?;
        Ok(sync.id)
    }

    /// A new connection's first sync may be under way already: then that one.
    async fn request_sync(&self, connection: &Connection) -> Result<SyncRow, CommandError> {
        let request = SyncRequest {
            start_from: StartFrom::Continue,
            provider_requests: Vec::new(),
        };
        let engine = &self.instance.engine;
        match engine.request_sync(connection, request).await {
            Err(RequestSyncError::Store(StoreError::SyncRunning(id))) => {
                let sync = engine.store().sync(connection.id, id).await?;
                Ok(sync.ok_or(StoreError::NotFound { what: "sync" })?)
            }
            requested => Ok(requested?),
        }
    }

    fn show_what_to_try(
        &self,
        tenant: &Tenant,
        connection: &Connection,
        vehicle: Option<&str>,
    ) -> Result<(), CommandError> {
        let base = format!("{}/tsp/v1", self.addresses.public_url);
        let from = self.fleet.begins_at;
        let vehicle = vehicle.unwrap_or("vcl_…");
        let urls = [
            format!("{base}/vehicles?limit=3"),
            format!("{base}/vehicles/{vehicle}/locations?startAt={from}&limit=3"),
            format!("{base}/vehicles/{vehicle}/stats/historical?startAt={from}&limit=3"),
        ];
        self.screen.say("\nTry:\n")?;
        for url in urls {
            self.screen.say(&format!(
                "curl -s -H 'Authorization: Bearer {}' -H 'Connection-Token: {}' '{url}'",
                tenant.secret_key,
                connection.token.reveal()
            ))?;
        }
        Ok(())
    }

    fn link_address(&self, tenant: &Tenant) -> String {
        format!(
            "{}/?key={}",
            self.addresses.link_url, tenant.publishable_key
        )
    }

    fn as_json(&self, tenant: &Tenant) -> String {
        let connection = |connection: &Connection| {
            json!({
                "id": connection.id,
                "token": connection.token.reveal(),
                "provider": connection.provider,
            })
        };
        let connections: Vec<Value> = tenant.connections.iter().map(connection).collect();
        json!({
            "baseUrl": format!("{}/tsp/v1", self.addresses.public_url),
            "secretKey": tenant.secret_key,
            "publishableKey": tenant.publishable_key,
            "linkUrl": self.link_address(tenant),
            "connections": connections,
        })
        .to_string()
    }

    /// Says a line for every further sync that ends. `last`: of each connection, the last that was
    /// told of. Returns only with an error.
    async fn watch(&self, tenant: &Tenant, mut last: Vec<SyncId>) -> Result<(), CommandError> {
        let store = self.instance.engine.store();
        loop {
            SystemClock.sleep(LOOK_AGAIN_AFTER).await;
            for (connection, last) in tenant.connections.iter().zip(&mut last) {
                let Some(sync) = store.last_sync(connection.id).await? else {
                    continue;
                };
                if sync.id == *last || !sync.status.is_over() {
                    continue;
                }
                *last = sync.id;
                let (now, provider) = (SystemClock.now(), &connection.provider);
                self.screen.say(&match &sync.failure_reason {
                    None => format!("{now}  {provider} synced ({})", sync.id),
                    Some(reason) => format!("{now}  {provider} {} failed: {reason}", sync.id),
                })?;
            }
        }
    }
}
