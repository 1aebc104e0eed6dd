//! One struct a concern, each with its own reading and its own bounds.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use model::Secret;

use super::error::{ConfigError, ConfigErrors};
use super::layers::APP_KEYS;
use super::values::Values;

type Read<T> = Result<T, ConfigErrors>;

#[derive(Clone, Debug)]
pub struct ServerSection {
    pub listen: SocketAddr,
    /// `None`: from the address that the listener got.
    pub public_url: Option<String>,
}

impl ServerSection {
    pub fn read(values: &Values) -> Read<ServerSection> {
        let listen = values.parse(
            "server.listen",
            "an address and a port, such as \"127.0.0.1:8880\" or \"[::1]:8880\"",
        );
        let public_url = values.base_url("server.public_url");
        let (listen, public_url) = both(listen, public_url)?;
        Ok(ServerSection { listen, public_url })
    }
}

#[derive(Clone, Debug)]
pub struct DataSection {
    pub directory: PathBuf,
    /// `None`: for ever.
    pub raw_retention: Option<Duration>,
}

impl DataSection {
    pub fn read(values: &Values) -> Read<DataSection> {
        let directory = match values.text("data.directory") {
            "" => Err(values.bad("data.directory", "the path of a directory")),
            text => Ok(PathBuf::from(text)),
        };
        let days = values.whole_number("data.raw_retention_days", 0..=36_500);
        let (directory, days) = both(directory, days)?;
        Ok(DataSection {
            directory,
            raw_retention: (days > 0).then(|| Duration::from_secs(days * 86_400)),
        })
    }
}

#[derive(Clone, Debug)]
pub struct DatabaseSection {
    /// PostgreSQL; `None` for SQLite in the data directory.
    pub url: Option<Secret>,
}

impl DatabaseSection {
    pub fn read(values: &Values) -> Read<DatabaseSection> {
        let text = values.text("database.url");
        if text.is_empty() {
            return Ok(DatabaseSection { url: None });
        }
        if !text.starts_with("postgres://") && !text.starts_with("postgresql://") {
            let wanted = "nothing (SQLite in the data directory) or postgres://user@host:5432/name";
            return Err(values.bad("database.url", wanted).into());
        }
        Ok(DatabaseSection {
            url: Some(Secret::new(text)),
        })
    }
}

/// The URL with its password, and everything that is not plainly harmless, hidden.
pub fn mask_database_url(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.is_empty() { "" } else { "…" }.to_owned();
    };
    let (user, host) = match rest.rsplit_once('@') {
        Some((user, host)) => (format!("{}@", until(user, &[':', '?', '/'])), host),
        None => (String::new(), rest),
    };
    // A password can be a parameter too.
    format!("{scheme}://{user}{}", until(host, &['?']))
}

fn until(text: &str, ends: &[char]) -> String {
    match text.find(ends) {
        Some(end) => format!("{}{}…", &text[..end], &text[end..=end]),
        None => text.to_owned(),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownParameters {
    Refuse,
    Ignore,
}

#[derive(Clone, Debug)]
pub struct ApiSection {
    pub unknown_parameters: UnknownParameters,
    pub request_deadline: Duration,
    /// 0: no limit.
    pub requests_per_second_per_connection: u32,
    /// 0: no limit.
    pub requests_per_second_per_application: u32,
    /// Zero: live answers are not kept.
    pub live_cache: Duration,
}

impl ApiSection {
    pub fn read(values: &Values) -> Read<ApiSection> {
        let unknown_parameters = values.choice(
            "api.unknown_parameters",
            &[
                ("refuse", UnknownParameters::Refuse),
                ("ignore", UnknownParameters::Ignore),
            ],
        );
        let times = both(
            seconds(values, "api.request_deadline_seconds", 1, 600),
            seconds(values, "api.live_cache_seconds", 0, 300),
        );
        let rates = both(
            requests_per_second(values, "api.requests_per_second_per_connection"),
            requests_per_second(values, "api.requests_per_second_per_application"),
        );
        let ((unknown_parameters, (request_deadline, live_cache)), rates) =
            both(both(unknown_parameters, times), rates)?;
        let (per_connection, per_application) = rates;
        Ok(ApiSection {
            unknown_parameters,
            request_deadline,
            requests_per_second_per_connection: per_connection,
            requests_per_second_per_application: per_application,
            live_cache,
        })
    }
}

#[derive(Clone, Debug)]
pub struct SyncSection {
    pub cadence: Duration,
    pub jitter: Duration,
    pub workers: usize,
    pub lease: Duration,
}

impl SyncSection {
    pub fn read(values: &Values) -> Read<SyncSection> {
        let times = both(
            seconds(values, "sync.cadence_seconds", 10, 86_400),
            seconds(values, "sync.jitter_seconds", 0, 3_600),
        );
        let work = both(
            values.whole_number("sync.workers", 1..=256),
            seconds(values, "sync.lease_seconds", 1, 3_600),
        );
        let ((cadence, jitter), (workers, lease)) = both(times, work)?;
        Ok(SyncSection {
            cadence,
            jitter,
            workers: workers as usize,
            lease,
        })
    }
}

#[derive(Clone, Debug)]
pub struct ProvidersSection {
    /// By provider code, for those that do not use the provider's own.
    pub base_urls: BTreeMap<String, String>,
    /// By provider code.
    pub apps: BTreeMap<String, AppSection>,
}

/// The operator's own app with a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppSection {
    pub client_id: String,
    pub client_secret: Secret,
    /// `None`: the callback of this server's Link page.
    pub redirect_uri: Option<String>,
}

impl AppSection {
    /// The secret may be in the environment of the server alone: without it there is no app, here.
    fn read(values: &Values, code: &str) -> Read<Option<AppSection>> {
        let [id, secret, uri] = APP_KEYS.map(|name| format!("providers.{code}.{name}"));
        let given = |key: &&String| !values.text(key).is_empty();
        if !given(&&secret) {
            return Ok(None);
        }
        if !given(&&id) {
            let wanted = format!("a text, since {code}'s app has a client_secret");
            return Err(ConfigErrors(vec![values.bad(&id, wanted)]));
        }
        Ok(Some(AppSection {
            client_id: values.text(&id).to_owned(),
            client_secret: Secret::new(values.text(&secret)),
            // As it is registered, to the letter.
            redirect_uri: values.base_url(&uri)?.map(|_| values.text(&uri).to_owned()),
        }))
    }
}

impl ProvidersSection {
    pub fn read(values: &Values) -> Read<ProvidersSection> {
        let (mut base_urls, mut apps) = (BTreeMap::new(), BTreeMap::new());
        let mut wrong = Vec::new();
        for key in values.keys() {
            let code = key
                .strip_prefix("providers.")
                .and_then(|rest| rest.strip_suffix(".base_url"));
            let Some(code) = code else { continue };
            if values.contains(&format!("providers.{code}.{}", APP_KEYS[0])) {
                match AppSection::read(values, code) {
                    Ok(Some(app)) => {
                        apps.insert(code.to_owned(), app);
                    }
                    Ok(None) => {}
                    Err(ConfigErrors(errors)) => wrong.extend(errors),
                }
            }
            match values.base_url(key) {
                Ok(Some(url)) => {
                    base_urls.insert(code.to_owned(), url);
                }
                Ok(None) => {}
                Err(error) => wrong.push(error),
            }
        }
        if wrong.is_empty() {
            Ok(ProvidersSection { base_urls, apps })
        } else {
            Err(ConfigErrors(wrong))
        }
    }
}

#[derive(Clone, Debug)]
pub struct HttpSection {
    /// The certificates of the file, as it holds them.
    pub extra_roots_pem: Vec<String>,
    pub allow_private_addresses: bool,
}

impl HttpSection {
    pub fn read(values: &Values) -> Read<HttpSection> {
        let (extra_roots_pem, allow_private_addresses) = both(
            HttpSection::extra_roots(values),
            values.choice(
                "http.allow_private_addresses",
                &[("false", false), ("true", true)],
            ),
        )?;
        Ok(HttpSection {
            extra_roots_pem,
            allow_private_addresses,
        })
    }

    fn extra_roots(values: &Values) -> Read<Vec<String>> {
        const KEY: &str = "http.extra_roots_file";
        const END: &str = "-----END CERTIFICATE-----";
        let path = values.text(KEY);
        if path.is_empty() {
            return Ok(Vec::new());
        }
        let text = std::fs::read_to_string(path)
            .map_err(|error| values.bad(KEY, format!("a file that can be read ({error})")))?;
        let extra_roots_pem: Vec<String> = text
            .split_inclusive(END)
            .filter(|part| part.contains(END))
            .map(str::to_owned)
            .collect();
        if extra_roots_pem.is_empty() {
            return Err(values
                .bad(KEY, "a file with certificates in PEM form")
                .into());
        }
        Ok(extra_roots_pem)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Clone, Debug)]
pub struct LogSection {
    pub format: LogFormat,
    /// Directives as `tracing-subscriber` reads them; checked.
    pub level: String,
}

impl LogSection {
    pub fn read(values: &Values) -> Read<LogSection> {
        let format = values.choice(
            "log.format",
            &[("text", LogFormat::Text), ("json", LogFormat::Json)],
        );
        let level = values
            .parse::<tracing_subscriber::filter::Targets>(
                "log.level",
                "a level (error, warn, info, debug, trace) or directives (info,engine=debug)",
            )
            .map(|_| values.text("log.level").to_owned());
        let (format, level) = both(format, level)?;
        Ok(LogSection { format, level })
    }
}

fn requests_per_second(values: &Values, key: &str) -> Result<u32, ConfigError> {
    let rate = values.whole_number(key, 0..=100_000)?;
    Ok(u32::try_from(rate).expect("the range ends far below"))
}

fn seconds(values: &Values, key: &str, least: u64, most: u64) -> Result<Duration, ConfigError> {
    values
        .whole_number(key, least..=most)
        .map(Duration::from_secs)
}

/// Both values, or all that is wrong with either.
pub(super) fn both<A, B, E, F>(left: Result<A, E>, right: Result<B, F>) -> Read<(A, B)>
where
    E: Into<ConfigErrors>,
    F: Into<ConfigErrors>,
{
    match (left.map_err(Into::into), right.map_err(Into::into)) {
        (Ok(left), Ok(right)) => Ok((left, right)),
        (Err(ConfigErrors(mut left)), Err(ConfigErrors(right))) => {
            left.extend(right);
            Err(ConfigErrors(left))
        }
        (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
    }
}
