//! The wiring: configuration to store, engine and API, and how they start and stop together.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use api::{Api, ApiConfig};
use axum::Router;
use axum::extract::Request;
use axum::http::header::HOST;
use engine::{Engine, EngineConfig, EngineParts, OAuthApp};
use model::Secret;
use pages::{Pages, PagesConfig};
use store::{Execution, StampSource, Store, StoreConfig, Target, Vault};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::ServiceExt;
use world::{Clock, Entropy, RealTransport, RealTransportConfig, SystemClock, SystemEntropy};

use crate::config::{AppSection, Configuration, UnknownParameters};
use crate::data_directory::{DataDirectory, ServerFile};
use crate::error::CommandError;
use crate::master_key;

/// How long requests under way may still take once the server stops.
const DRAIN_LIMIT: Duration = Duration::from_secs(10);
/// How long work that no signal told of may lie there.
const LONGEST_NAP: Duration = Duration::from_secs(30);

/// Everything that runs or can be asked in this process. Cheap to clone.
#[derive(Clone)]
pub struct Instance {
    pub engine: Engine,
    pub api: Api,
    pub admin_token: Secret,
    pages: PagesConfig,
    data: DataDirectory,
}

impl Instance {
    /// Opens the store and wires the rest; nothing runs yet.
    pub async fn open(
        config: &Configuration,
        data: &DataDirectory,
        addresses: &Addresses,
    ) -> Result<Instance, CommandError> {
        let entropy = Arc::new(SystemEntropy);
        let admin_token = data.admin_token(entropy.as_ref())?;
        let store = open_store(config, data, entropy.as_ref()).await?;
        let transport = RealTransport::new(RealTransportConfig {
            extra_roots_pem: config.http.extra_roots_pem.clone(),
            allow_private_addresses: config.http.allow_private_addresses,
            ..RealTransportConfig::default()
        })?;
        let engine_config = engine_config(config, addresses, entropy.as_ref());
        let parts = EngineParts {
            store,
            transport: Arc::new(transport),
            clock: Arc::new(SystemClock),
            entropy,
            probe: None,
        };
        let engine = Engine::new(engine_config, parts);
        let api = Api {
            engine: engine.clone(),
            config: api_config(config, &addresses.public_url, &admin_token),
        };
        Ok(Instance {
            engine,
            api,
            admin_token,
            pages: PagesConfig {
                client_ip_header: config.link.client_ip_header.clone(),
                ..PagesConfig::new(&addresses.link_url)
            },
            data: data.clone(),
        })
    }

    /// Tells the operator's commands where the server is: before anybody else is told, so that
    /// nobody takes the store for one that nobody serves.
    pub fn announce(&self, listeners: &Listeners) -> Result<(), CommandError> {
        let address = listeners.server.local_addr().map_err(CommandError::Serve)?;
        self.data.announce_server(&ServerFile {
            base_url: format!("http://{}", reachable(address)),
            process_id: std::process::id(),
        })
    }

    /// Serves and syncs until `stop` completes: then requests under way are answered, and the
    /// checkpoints in hand are finished.
    pub async fn serve(
        &self,
        listeners: Listeners,
        stop: impl Future<Output = ()>,
    ) -> Result<(), CommandError> {
        let (stopping, stopped) = watch::channel(false);
        let engine = self.engine.clone();
        let syncing = tokio::spawn({
            let stopped = stopped.clone();
            async move { engine.run(stopped).await }
        });
        let mut serving = tokio::spawn(self.clone().answer(listeners, stopped));
        let ended_early = tokio::select! {
            () = stop => None,
            ended = &mut serving => Some(ended),
        };
        tracing::info!("stopping: finishing the requests and checkpoints in hand");
        stopping.send_replace(true);
        let ended = match ended_early {
            Some(ended) => Some(ended),
            None => tokio::time::timeout(DRAIN_LIMIT, serving).await.ok(),
        };
        if let Err(error) = syncing.await {
            tracing::error!(%error, "the engine ended badly");
        }
        self.data.withdraw_server();
        match ended {
            Some(Ok(served)) => served.map_err(CommandError::Serve),
            Some(Err(error)) => Err(CommandError::Serve(std::io::Error::other(error))),
            None => {
                tracing::warn!("requests that were still under way have been cut off");
                Ok(())
            }
        }
    }
}

/// Sends what asks for the Link page's host there, and everything else to the API.
fn by_host(link_host: String, link: Router, api: Router) -> Router {
    Router::new().fallback(move |request: Request| {
        let asked = request.headers().get(HOST);
        let router = match asked.is_some_and(|host| host.as_bytes() == link_host.as_bytes()) {
            true => link.clone(),
            false => api.clone(),
        };
        async move {
            let Ok(response) = router.oneshot(request).await;
            response
        }
    })
}

/// How clients and browsers reach what listens there, unless the configuration says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    pub public_url: String,
    pub link_url: String,
}

impl Addresses {
    /// `link` is `None` where the Link page has no listener of its own.
    pub fn new(config: &Configuration, server: SocketAddr, link: Option<SocketAddr>) -> Addresses {
        let url = |configured: &Option<String>, listening: SocketAddr| match configured {
            Some(url) => url.clone(),
            None => format!("http://{}", reachable(listening)),
        };
        Addresses {
            public_url: url(&config.server.public_url, server),
            link_url: url(&config.link.base_url, link.unwrap_or(server)),
        }
    }

    /// Before anything listens: where it would.
    pub fn configured(config: &Configuration) -> Addresses {
        Addresses::new(config, config.server.listen, config.link.listen)
    }
}

/// The sockets of a server.
pub struct Listeners {
    pub server: TcpListener,
    /// `None`: the Link page is told from the API by its host.
    pub link: Option<TcpListener>,
}

impl Listeners {
    pub async fn bind(config: &Configuration) -> Result<Listeners, CommandError> {
        let server = listen(config.server.listen).await?;
        let link = match config.link.listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Listeners { server, link })
    }

    pub fn addresses(&self, config: &Configuration) -> Result<Addresses, CommandError> {
        let address = |listener: &TcpListener| listener.local_addr().map_err(CommandError::Serve);
        let link = self.link.as_ref().map(address).transpose()?;
        Ok(Addresses::new(config, address(&self.server)?, link))
    }
}

impl Instance {
    /// Both origins, until `stopped`.
    async fn answer(
        self,
        listeners: Listeners,
        stopped: watch::Receiver<bool>,
    ) -> std::io::Result<()> {
        let api = api::router(self.api.clone());
        let link = pages::router(Pages {
            engine: self.engine.clone(),
            config: self.pages.clone(),
        });
        match listeners.link {
            Some(listener) => {
                let api = api::serve(listeners.server, api, until(stopped.clone()));
                let link = api::serve(listener, link, until(stopped));
                tokio::try_join!(api, link).map(|_| ())
            }
            None => {
                let url = &self.engine.config().link_base_url;
                let host = url.split_once("://").map_or("", |(_, host)| host);
                let router = by_host(host.to_owned(), link, api);
                api::serve(listeners.server, router, until(stopped)).await
            }
        }
    }
}

async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone, and that is a stop as well.
    let _stopped = stopped.wait_for(|stop| *stop).await;
}

pub async fn listen(address: SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(address)
        .await
        .map_err(|error| CommandError::Listen {
            address: address.to_string(),
            reason: error.to_string(),
        })
}

/// An address that listens everywhere is reached by the loopback interface.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}

async fn open_store(
    config: &Configuration,
    data: &DataDirectory,
    entropy: &dyn Entropy,
) -> Result<Store, CommandError> {
    let master_key = master_key::fetch(&config.vault.master_key, data, entropy)?;
    let random = |bytes: &mut [u8]| SystemEntropy.fill(bytes);
    let vault = Vault::new(master_key, Arc::new(random));
    let (target, stamps) = match &config.database.url {
        Some(url) => (Target::Postgres { url: url.clone() }, StampSource::Database),
        None => {
            let path = data.database();
            let clock = StampSource::Clock(Arc::new(|| SystemClock.now()));
            (Target::Sqlite { path }, clock)
        }
    };
    let store = Store::open(StoreConfig {
        target,
        vault,
        execution: Execution::Threads,
        stamps,
    })
    .await?;
    if config.database.url.is_none() {
        // The file is ours alone, so whoever held a lease on it is dead.
        let voided = store.void_leases().await?;
        if voided > 0 {
            tracing::info!(
                leases = voided,
                "syncs of a process that ended are taken up again"
            );
        }
    }
    Ok(store)
}

fn engine_config(
    config: &Configuration,
    addresses: &Addresses,
    entropy: &dyn Entropy,
) -> EngineConfig {
    let run = entropy.u128() as u32;
    EngineConfig {
        owner: format!("gladhand-{}-{run:08x}", std::process::id()),
        workers: config.sync.workers,
        lease: config.sync.lease,
        cadence: config.sync.cadence,
        jitter: config.sync.jitter,
        longest_nap: LONGEST_NAP,
        live_cache: config.api.live_cache,
        raw_retention: config.data.raw_retention,
        link_base_url: addresses.link_url.clone(),
        base_urls: config.providers.base_urls.clone(),
        oauth_apps: config
            .providers
            .apps
            .iter()
            .map(|(code, app)| (code.clone(), oauth_app(code, app, &addresses.link_url)))
            .collect(),
    }
}

fn oauth_app(code: &str, app: &AppSection, link_url: &str) -> OAuthApp {
    let ours = || format!("{link_url}/oauth/callback/{code}");
    OAuthApp {
        client_id: app.client_id.clone(),
        client_secret: app.client_secret.clone(),
        redirect_uri: app.redirect_uri.clone().unwrap_or_else(ours),
    }
}

fn api_config(config: &Configuration, public_url: &str, admin_token: &Secret) -> ApiConfig {
    ApiConfig {
        unknown_parameters: match config.api.unknown_parameters {
            UnknownParameters::Refuse => api::UnknownParameters::Refuse,
            UnknownParameters::Ignore => api::UnknownParameters::Ignore,
        },
        request_deadline: config.api.request_deadline,
        requests_per_second_per_connection: config.api.requests_per_second_per_connection,
        requests_per_second_per_application: config.api.requests_per_second_per_application,
        admin_token: Some(admin_token.clone()),
        ..ApiConfig::new(public_url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_reached_on_this_machine() {
        let check = |listening: &str, want: &str| {
            let listening = listening.parse().expect("an address");
            assert_eq!(reachable(listening).to_string(), want);
        };
        check("0.0.0.0:8880", "127.0.0.1:8880");
        check("[::]:8880", "[::1]:8880");
        check("10.0.0.5:8880", "10.0.0.5:8880");
    }
}
