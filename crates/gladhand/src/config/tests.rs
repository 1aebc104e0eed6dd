use std::path::PathBuf;
use std::time::Duration;

use super::section::mask_database_url;
use super::values::Origin;
use super::*;

const PROVIDER: ProviderDefault<'static> = ProviderDefault {
    code: "acme",
    base_url: "https://api.acme.test",
    has_apps: true,
};

/// A directory of its own, gone at the end.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Directory {
        let path = std::env::temp_dir().join(format!("gladhand-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a temporary directory");
        Directory(path)
    }

    fn file(&self, text: &str) -> PathBuf {
        let path = self.0.join("gladhand.toml");
        std::fs::write(&path, text).expect("written");
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // A directory left behind in the system's temporary one harms nobody.
        let _gone = std::fs::remove_dir_all(&self.0);
    }
}

fn inputs() -> Inputs<'static> {
    Inputs {
        providers: vec![PROVIDER],
        ..Inputs::default()
    }
}

fn environment(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = |(name, text): &(&str, &str)| (name.to_string(), text.to_string());
    pairs.iter().map(own).collect()
}

fn failure(inputs: &Inputs) -> String {
    match Configuration::load(inputs) {
        Ok(_) => String::from("it loaded"),
        Err(errors) => errors.to_string(),
    }
}

fn failure_of_file(name: &str, text: &str) -> String {
    let directory = Directory::new(name);
    let path = directory.file(text);
    let shown = failure(&Inputs {
        file: Some(path.clone()),
        ..inputs()
    });
    shown.replace(&path.display().to_string(), "gladhand.toml")
}

#[test]
fn the_built_in_default_is_valid_and_says_what_it_says() {
    let config = Configuration::load(&inputs()).expect("valid");
    assert_eq!(config.server.listen.to_string(), "127.0.0.1:8880");
    assert_eq!(config.server.public_url, None);
    assert_eq!(config.data.directory, PathBuf::from("./data"));
    let raw_retention = Duration::from_secs(90 * 86_400);
    assert_eq!(config.data.raw_retention, Some(raw_retention));
    assert!(config.database.url.is_none());
    assert_eq!(config.api.unknown_parameters, UnknownParameters::Refuse);
    assert_eq!(config.api.request_deadline, Duration::from_secs(30));
    assert_eq!(config.api.requests_per_second_per_connection, 100);
    assert_eq!(config.api.requests_per_second_per_application, 400);
    assert_eq!(config.api.live_cache, Duration::from_secs(5));
    assert_eq!(config.sync.cadence, Duration::from_secs(900));
    assert_eq!(config.providers.base_urls["acme"], PROVIDER.base_url);
    assert!(config.values.shown().all(|(_, _, o)| *o == Origin::Default));
}

#[test]
fn flags_beat_environment_beats_file_beats_default() {
    let directory = Directory::new("layers");
    let path = directory.file(
        "[sync]\nworkers = 2\ncadence_seconds = 60\njitter_seconds = 7\n\n\
         [providers.acme]\nbase_url = \"http://127.0.0.1:9/\"\n",
    );
    let config = Configuration::load(&Inputs {
        file: Some(path.clone()),
        environment: environment(&[
            ("GLADHAND_SYNC_WORKERS", "3"),
            ("GLADHAND_SYNC_CADENCE_SECONDS", "61"),
            ("HOME", "/nowhere"),
        ]),
        settings: vec![Setting::parse("sync.workers=5").expect("a setting")],
        ..inputs()
    })
    .expect("valid");
    assert_eq!(config.sync.workers, 5);
    assert_eq!(config.sync.cadence, Duration::from_secs(61));
    assert_eq!(config.sync.jitter, Duration::from_secs(7));
    assert_eq!(config.sync.lease, Duration::from_secs(60));
    assert_eq!(config.providers.base_urls["acme"], "http://127.0.0.1:9");
    let origin = |wanted: &str| {
        let shown = config.values.shown().find(|(key, _, _)| *key == wanted);
        shown.map_or(String::new(), |(_, _, origin)| origin.to_string())
    };
    assert_eq!(origin("sync.workers"), "flag --set");
    assert_eq!(
        origin("sync.cadence_seconds"),
        "environment variable GLADHAND_SYNC_CADENCE_SECONDS"
    );
    let path = path.display();
    assert_eq!(origin("sync.jitter_seconds"), format!("{path}:4"));
    assert_eq!(origin("providers.acme.base_url"), format!("{path}:7"));
    assert_eq!(origin("sync.lease_seconds"), "default");
}

#[test]
fn an_app_is_given_whole_and_its_secret_is_never_shown() {
    let directory = Directory::new("apps");
    let load = |text: &str| {
        Configuration::load(&Inputs {
            file: Some(directory.file(text)),
            ..inputs()
        })
    };
    let config = load(
        "[providers.acme]\nclient_id = \"us\"\nclient_secret = \"hush-hush\"\n\
         redirect_uri = \"https://link.test/oauth/callback/acme\"\n",
    )
    .expect("valid");
    let app = &config.providers.apps["acme"];
    assert_eq!(app.client_id, "us");
    assert_eq!(app.client_secret.reveal(), "hush-hush");
    let shown = format!("{config:?} {:?}", config.values);
    assert!(!shown.contains("hush-hush"), "{shown}");
    let shown = failure_of_file(
        "half-an-app",
        "[providers.acme]\nclient_secret = \"hush\"\n",
    );
    assert!(
        shown.contains("providers.acme.client_id") && !shown.contains("hush"),
        "{shown}"
    );
}

#[test]
fn the_usual_file_is_found_and_a_named_one_beats_it() {
    let directory = Directory::new("usual");
    directory.file("[sync]\nworkers = 2\n");
    let other = directory.0.join("other.toml");
    std::fs::write(&other, "[sync]\nworkers = 3\n").expect("written");
    let mut inputs = Inputs {
        look_in: Some(directory.0.clone()),
        ..inputs()
    };
    let workers = |inputs: &Inputs| Configuration::load(inputs).expect("valid").sync.workers;
    assert_eq!(workers(&inputs), 2);
    inputs.environment = environment(&[("GLADHAND_CONFIG", &other.display().to_string())]);
    assert_eq!(workers(&inputs), 3);
    inputs.file = Some(directory.0.join("absent.toml"));
    assert!(failure(&inputs).contains("absent.toml: the configuration file cannot be read"));
}

#[test]
fn errors_name_the_key_the_line_and_the_remedy() {
    let check = |text: &str, want: &str| assert_eq!(failure_of_file("errors", text), want);
    check(
        "# a comment\n[server]\nlistn = \"127.0.0.1:1\"\n",
        "gladhand.toml:3: there is no key server.listn, did you mean server.listen?; \
         `gladhand config --default` lists them all",
    );
    check(
        "[sync]\n\nworkers = \"many\"\n",
        "gladhand.toml:3: sync.workers = \"many\": wanted a whole number from 1 to 256",
    );
    check(
        "[log]\nformat = \"xml\"\n",
        "gladhand.toml:2: log.format = \"xml\": wanted \"text\" or \"json\"",
    );
    check(
        "[log]\nlevel = [\"info\"]\n",
        "gladhand.toml:2: log.level = a value of type array: wanted one text, number or boolean",
    );
    check(
        "[providers.acme]\nbase_url = \"acme.test\"\n",
        "gladhand.toml:2: providers.acme.base_url = \"acme.test\": wanted a URL that begins with \
         http:// or https://",
    );
    let shown = failure_of_file("syntax", "[server]\nlisten = 127.0.0.1:8880\n");
    assert!(
        shown.starts_with("gladhand.toml:2: this is not TOML: "),
        "{shown}"
    );
}

#[test]
fn everything_wrong_is_said_at_once() {
    let shown = failure_of_file(
        "all",
        "[server]\nlisten = \"here\"\n[sync]\ncadence_seconds = 1\nworkers = 0\n",
    );
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines.len(), 3, "{shown}");
    assert!(lines[0].starts_with("gladhand.toml:2: server.listen = \"here\""));
    assert!(lines[1].starts_with("gladhand.toml:4: sync.cadence_seconds = \"1\""));
    assert!(lines[2].starts_with("gladhand.toml:5: sync.workers = \"0\""));
}

#[test]
fn a_wrong_variable_or_flag_is_named() {
    let shown = failure(&Inputs {
        environment: environment(&[("GLADHAND_SERVER_LISTEN", "8880")]),
        ..inputs()
    });
    assert!(
        shown.starts_with(
            "environment variable GLADHAND_SERVER_LISTEN: server.listen = \"8880\": wanted an"
        ),
        "{shown}"
    );
    let shown = failure(&Inputs {
        settings: vec![Setting::parse("sink.workers=1").expect("a setting")],
        ..inputs()
    });
    assert!(
        shown.starts_with("flag --set: there is no key sink.workers, did you mean sync.workers?"),
        "{shown}"
    );
    assert!(Setting::parse("workers").is_err());
}

#[test]
fn a_variable_without_a_key_is_warned_of() {
    let config = Configuration::load(&Inputs {
        environment: environment(&[
            ("GLADHAND_SYNC_WORKER", "3"),
            ("GLADHAND_PORT", "tcp://10.0.0.1:80"),
            ("GLADHAND_TEST_POSTGRES", "postgres://localhost/x"),
        ]),
        ..inputs()
    })
    .expect("valid");
    assert_eq!(
        config.warnings,
        [
            "environment variable GLADHAND_SYNC_WORKER sets no key, did you mean \
             GLADHAND_SYNC_WORKERS?",
            "environment variable GLADHAND_PORT sets no key",
        ]
    );
}

#[test]
fn secrets_are_masked_wherever_they_are_shown() {
    let check = |url: &str, want: &str| assert_eq!(mask_database_url(url), want);
    check("", "");
    check(
        "postgres://fleet:hunter2@db:5432/gladhand",
        "postgres://fleet:…@db:5432/gladhand",
    );
    check("postgres://a:b@c:d@db/g", "postgres://a:…@db/g");
    check("postgres://fleet@db/g", "postgres://fleet@db/g");
    check(
        "postgres://db/g?user=x&password=hunter2",
        "postgres://db/g?…",
    );
    check("postgres://a:b?c@db/g", "postgres://a:…@db/g");
    check("postgres://db/g?password=x@y", "postgres://db/…@y");
    check("host=db password=hunter2", "…");

    let with_url = |url: &str| Inputs {
        settings: vec![Setting {
            flag: "--set".to_owned(),
            key: "database.url".to_owned(),
            text: url.to_owned(),
        }],
        ..inputs()
    };
    let config = Configuration::load(&with_url("postgres://f:hunter2@db/g")).expect("valid");
    assert!(!format!("{config:?}").contains("hunter2"));
    assert!(
        config
            .values
            .shown()
            .all(|(_, text, _)| !text.contains("hunter2"))
    );
    assert!(!failure(&with_url("mysql://f:hunter2@db/g")).contains("hunter2"));
}

#[test]
fn private_addresses_are_only_reached_where_that_is_said() {
    let read = |text: &str| {
        let set = Setting::parse(&format!("http.allow_private_addresses={text}"));
        let inputs = Inputs {
            settings: vec![set.expect("a setting")],
            ..inputs()
        };
        let loaded = Configuration::load(&inputs);
        loaded.map(|config| config.http.allow_private_addresses)
    };
    let by_default = Configuration::load(&inputs()).expect("the default is valid");
    assert!(!by_default.http.allow_private_addresses);
    assert_eq!(read("true").ok(), Some(true));
    assert_eq!(read("false").ok(), Some(false));
    let wrong = read("yes").expect_err("no boolean").to_string();
    assert!(wrong.contains("\"false\" or \"true\""), "{wrong}");
}
