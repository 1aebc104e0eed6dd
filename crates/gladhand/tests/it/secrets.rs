//! Secrets planted everywhere, and a search for them in everything that the process ever wrote.
//!
//! The real program runs with its log at its most talkative, against providers that repeat what
//! they are asked wherever they can. Searched afterwards are its standard output and log, every
//! file of its data directory as it lies there (while it ran and after it stopped), and everything
//! that is stored compressed, decompressed by the store's own readers. Two files are secrets
//! themselves and are left out: `vault.key` and `admin-token`.
//!
//! A search that finds nothing proves nothing by itself, so the same search has to find what is no
//! secret: a word of the log, a text of the database, a piece of a page that is stored compressed,
//! a place name of the history.

mod echoing;
mod link;
mod search;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::Duration;

use model::vehicle::Vehicle;
use model::{ConnectionId, Model, VehicleId};
use serde_json::Value;
use simulator::{
    AppConfig, FaultPlan, GeotabConfig, GeotabServer, MotiveConfig, MotiveServer, SamsaraConfig,
    SamsaraServer, ServerHandle, USUAL_LINK_URL, World, WorldConfig,
};
use store::{HistoryKinds, HistoryRow, RecordOrder, RecordQuery, RowValue, Store};
use testkit::process::{PublicApi, wait_until};
use testkit::temporary::TemporaryDirectory;
use testkit::truth;
use world::{Clock, Method, SystemClock};

use echoing::{Echoing, PAGE_MARK};
use search::{Secret, Written, holds, leaks};

const SAMSARA_KEY: &str = "samsara_api_Planted+Key/0123456789==";
const GEOTAB_PASSWORD: &str = "Planted \"Pass\\wörd\" of/Geotab+1";
const MOTIVE_CLIENT_SECRET: &str = "Planted-Motive-Client/Secret+1";
const MOTIVE_REFRESH_TOKEN: &str = "Planted-Motive-Refresh/Token+1";
const WRONG_KEY: &str = "samsara_api_Planted/Wrong+Key";
const WRONG_PASSWORD: &str = "Planted \"Wrong\" Password+1";
const WRONG_PUBLIC_TOKEN: &str = "pub_tkn_PlantedAndNeverGivenToAnybody01";
/// No secret.
const COMPANY: &str = "Searchable Haulage of Control";

/// The program, its directories, and the providers that it talks to.
struct Scene {
    data: TemporaryDirectory,
    logs: TemporaryDirectory,
    samsara: (Arc<Echoing>, ServerHandle),
    geotab: (Arc<Echoing>, ServerHandle),
    motive: (Arc<Echoing>, ServerHandle),
}

async fn served(server: Arc<Echoing>) -> (Arc<Echoing>, ServerHandle) {
    let address = "127.0.0.1:0".parse().expect("an address");
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let handle = simulator::serve(address, Arc::clone(&server) as _, clock, None).await;
    (server, handle.expect("the simulator listens"))
}

impl Scene {
    async fn new() -> Scene {
        let now = SystemClock.now();
        let world = Arc::new(World::new(WorldConfig {
            vehicles: 4,
            drivers: 4,
            ends_at: Some(now.saturating_sub(Duration::from_secs(600))),
            ..WorldConfig::days_before(now, 1, 23)
        }));
        let faults = FaultPlan::none();
        let samsara = SamsaraConfig {
            tokens: vec![SAMSARA_KEY.to_owned()],
            rate_limits: false,
            // Answers that come plain are repeated in.
            gzip: false,
            ..SamsaraConfig::default()
        };
        let geotab = GeotabConfig {
            password: GEOTAB_PASSWORD.to_owned(),
            rate_limits: false,
            gzip: false,
            ..GeotabConfig::default()
        };
        let motive = MotiveConfig {
            app: AppConfig {
                client_secret: MOTIVE_CLIENT_SECRET.to_owned(),
                refresh_token: Some(MOTIVE_REFRESH_TOKEN.to_owned()),
                ..AppConfig::of("motive", USUAL_LINK_URL)
            },
            rate_limits: false,
            ..MotiveConfig::default()
        };
        let samsara = SamsaraServer::new(Arc::clone(&world), faults.clone(), samsara);
        let geotab = GeotabServer::new(Arc::clone(&world), faults.clone(), geotab);
        let motive = MotiveServer::new(world, faults, motive);
        Scene {
            data: TemporaryDirectory::new("secrets"),
            logs: TemporaryDirectory::new("secrets-log"),
            samsara: served(Echoing::new(Arc::new(samsara), "ifta")).await,
            geotab: served(Echoing::new(Arc::new(geotab), "nothing")).await,
            motive: served(Echoing::new(Arc::new(motive), "ifta")).await,
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gladhand"));
        command.arg("--data").arg(self.data.path()).env_clear();
        command
    }

    /// An operator's command. What it logs is searched, too; what it prints may be a secret that it
    /// was asked for.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command();
        command.args(arguments).args(["--format", "json"]);
        let output = command.output().expect("the program starts");
        let number = std::fs::read_dir(self.logs.path()).map_or(0, Iterator::count);
        let log = self.logs.path().join(format!("command-{number}"));
        std::fs::write(log, &output.stderr).expect("the log is written");
        output
    }

    fn ask(&self, arguments: &[&str]) -> Value {
        let output = self.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        serde_json::from_slice(&output.stdout).expect("it prints JSON")
    }

    fn connect(&self, provider: &str, credentials: &[(&str, &str)]) -> Value {
        let given: Vec<String> = credentials
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut arguments = vec![
            "connection",
            "create",
            "--provider",
            provider,
            "--days",
            "1",
        ];
        arguments.extend(["--sync-mode", "manual", "--company", COMPANY]);
        for given in &given {
            arguments.extend(["--credential", given]);
        }
        self.ask(&arguments)
    }

    /// The server, and where it says that it listens.
    async fn serve(&self) -> (Child, String) {
        let stdout = self.logs.path().join("stdout");
        let file = |path: &Path| Stdio::from(File::create(path).expect("a log file"));
        let mut command = self.command();
        for (provider, (_, handle)) in [
            ("samsara", &self.samsara),
            ("geotab", &self.geotab),
            ("motive", &self.motive),
        ] {
            let setting = format!("providers.{provider}.base_url={}", handle.base_url());
            command.args(["--set", &setting]);
        }
        let app = AppConfig::of("motive", USUAL_LINK_URL);
        for setting in [
            "log.level=trace".to_owned(),
            "link.listen=127.0.0.1:0".to_owned(),
            "api.requests_per_second_per_connection=0".to_owned(),
            format!("providers.motive.client_id={}", app.client_id),
            format!("providers.motive.client_secret={MOTIVE_CLIENT_SECRET}"),
            format!("providers.motive.redirect_uri={}", app.redirect_uri),
        ] {
            command.args(["--set", &setting]);
        }
        let child = command
            .args(["serve", "--listen", "127.0.0.1:0"])
            .stdout(file(&stdout))
            .stderr(file(&self.logs.path().join("stderr")))
            .spawn()
            .expect("the program starts");
        let mut base_url = None;
        wait_until("the server to listen", async || {
            let said = std::fs::read_to_string(&stdout).unwrap_or_default();
            let listening = said
                .lines()
                .find_map(|line| line.strip_prefix("listening on "));
            base_url = listening.map(str::to_owned);
            // Commands find the server by a file that it writes a moment later.
            base_url.is_some() && self.data.path().join("server.json").is_file()
        })
        .await;
        (child, base_url.expect("it said so"))
    }

    /// Every file that the program wrote, but those that are secrets themselves.
    fn files(&self, when: &str) -> Vec<Written> {
        let mut open: Vec<PathBuf> = vec![self.data.path().into(), self.logs.path().into()];
        let mut written = Vec::new();
        while let Some(path) = open.pop() {
            if path.is_dir() {
                let inside = std::fs::read_dir(&path).expect("a directory is read");
                open.extend(inside.map(|entry| entry.expect("an entry").path()));
                continue;
            }
            let is_secret = ["vault.key", "admin-token"]
                .iter()
                .any(|name| path.ends_with(name));
            // One that went away since has nothing in it.
            if let (false, Ok(bytes)) = (is_secret, std::fs::read(&path)) {
                let what = format!("{} {when}", path.display());
                written.push(Written { what, bytes });
            }
        }
        written
    }
}

fn text(value: &Value, member: &str) -> String {
    let text = value[member].as_str();
    text.unwrap_or_else(|| panic!("no {member} in {value}"))
        .to_owned()
}

/// Whatever a client does with a connection: what it is told is not ours to search.
async fn use_it(base_url: &str, api: &PublicApi) -> Value {
    let ask = async |method: Method, path: &str, body: Option<&str>| {
        let url = format!("{base_url}/tsp/v1{path}");
        api.call(method, url, body).await
    };
    wait_until("the first sync to be over", async || {
        let (status, newest) = ask(Method::Get, "/syncs?limit=1", None).await;
        assert_eq!(status, 200, "{newest}");
        let status = newest["results"][0]["status"].as_str();
        matches!(status, Some("completed" | "failed"))
    })
    .await;
    for path in [
        "/vehicles/locations",
        "/hos/available-time",
        "/issues",
        "/connections",
    ] {
        ask(Method::Get, path, None).await;
    }
    for path in ["/echo", "/nowhere", "/fleet/vehicles?limit=1"] {
        let body = format!(r#"{{"method":"GET","path":"{path}"}}"#);
        ask(Method::Post, "/passthrough", Some(&body)).await;
        ask(Method::Post, "/passthrough/raw", Some(&body)).await;
    }
    let exchanged = format!(r#"{{"publicToken":"{WRONG_PUBLIC_TOKEN}"}}"#);
    ask(Method::Post, "/public-token/exchange", Some(&exchanged)).await;
    let (_, newest) = ask(Method::Get, "/syncs?limit=1", None).await;
    newest["results"][0].clone()
}

/// Whoever mistypes a secret must not find it in the log either.
async fn mistype(base_url: &str, key: &str, token: &str) {
    let url = format!("{base_url}/tsp/v1/vehicles");
    let wrong_key = PublicApi::new(&format!("{key}x"), token);
    assert_eq!(wrong_key.call(Method::Get, url.clone(), None).await.0, 401);
    let wrong_token = PublicApi::new(key, &format!("{token}x"));
    assert_eq!(
        wrong_token.call(Method::Get, url.clone(), None).await.0,
        403
    );
    let in_query = format!("{url}?key={key}&token={token}&apiKey={SAMSARA_KEY}");
    wrong_key.call(Method::Get, in_query, None).await;
}

/// What is stored in another form than it has.
struct Unpacked {
    pages: Vec<Written>,
    rest: Vec<Written>,
    /// Texts of the history's columns.
    addresses: Vec<String>,
}

async fn vehicle_ids(store: &Store, connection: ConnectionId) -> Vec<VehicleId> {
    let vehicles = truth::stored::<Vehicle>(store, connection).await;
    vehicles.iter().map(|vehicle| vehicle.id).collect()
}

fn address(row: &HistoryRow) -> Option<String> {
    match &row.value {
        RowValue::Location { address, .. } => address.as_deref().map(str::to_owned),
        RowValue::Stat { .. } => None,
    }
}

async fn unpacked(store: &Store, connections: &[ConnectionId]) -> Unpacked {
    let (mut pages, mut rest, mut addresses) = (Vec::new(), Vec::new(), Vec::new());
    for id in connections.iter().copied() {
        let logged = store.logged_pages(id, 0, 100_000).await.expect("a log");
        for page in logged {
            let found = store.logged_page(id, page.number).await.expect("a page");
            let bytes = found.map_or_else(Vec::new, |(_, body)| body);
            let what = format!(
                "page {} of {id}, {} {}",
                page.number, page.stream, page.task
            );
            pages.push(Written { what, bytes });
        }
        for model in Model::ALL {
            let query = RecordQuery::of(model, RecordOrder::Modified, 100_000);
            let found = store.list_records(id, &query, &|_| true).await;
            rest.push(Written {
                bytes: format!("{:?}", found.expect("records")).into_bytes(),
                what: format!("{model:?} of {id}"),
            });
        }
        for vehicle in vehicle_ids(store, id).await {
            for kinds in [HistoryKinds::Locations, HistoryKinds::Stats(Vec::new())] {
                let rows = truth::history(store, id, vehicle, kinds, 10_000).await;
                addresses.extend(rows.iter().filter_map(address));
                rest.push(Written {
                    bytes: format!("{rows:?}").into_bytes(),
                    what: format!("history of {vehicle}"),
                });
            }
        }
    }
    Unpacked {
        pages,
        rest,
        addresses,
    }
}

/// Everything that must not be found.
fn secrets(scene: &Scene, given: &[(&'static str, String)]) -> Vec<Secret> {
    let mut secrets = vec![
        Secret::text("the Samsara key", SAMSARA_KEY),
        Secret::text("the Geotab password", GEOTAB_PASSWORD),
        Secret::text("the Motive app's secret", MOTIVE_CLIENT_SECRET),
        Secret::text("the Motive refresh token", MOTIVE_REFRESH_TOKEN),
        Secret::text("a wrong key", WRONG_KEY),
        Secret::text("a wrong password", WRONG_PASSWORD),
        Secret::text("a public token of nobody's", WRONG_PUBLIC_TOKEN),
    ];
    secrets.extend(given.iter().map(|(name, text)| Secret::text(name, text)));
    for (server, _) in [&scene.geotab, &scene.motive] {
        let issued = server.issued();
        assert!(!issued.is_empty(), "sessions are secrets, too");
        secrets.extend(issued.iter().map(|text| Secret::text("a session", text)));
    }
    let read = |name: &str| std::fs::read(scene.data.path().join(name)).expect("a secret's file");
    let admin = String::from_utf8(read("admin-token")).expect("text");
    secrets.push(Secret::text("the admin token", admin.trim()));
    let master = read("vault.key");
    secrets.push(Secret::bytes(
        "the master key, as its file has it",
        master.trim_ascii(),
    ));
    if let Some(bytes) = from_hex(master.trim_ascii()) {
        secrets.push(Secret::bytes("the master key", &bytes));
    }
    secrets
}

fn from_hex(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text).ok()?;
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_secret_is_in_anything_that_was_ever_written() {
    let scene = Scene::new().await;
    scene.ask(&["application", "create", "Secrets"]);
    let key = text(&scene.ask(&["key", "create"]), "key");
    let publishable = text(
        &scene.ask(&["key", "create", "--kind", "publishable"]),
        "key",
    );
    let (mut server, base_url) = scene.serve().await;

    let geotab = |password| {
        let account = GeotabConfig::default();
        let account = [account.username, account.database];
        scene.connect(
            "geotab",
            &[
                ("username", &account[0]),
                ("database", &account[1]),
                ("password", password),
            ],
        )
    };
    let made = [
        scene.connect("samsara", &[("apiKey", SAMSARA_KEY)]),
        geotab(GEOTAB_PASSWORD),
        scene.connect("motive", &[("refreshToken", MOTIVE_REFRESH_TOKEN)]),
        scene.connect("samsara", &[("apiKey", WRONG_KEY)]),
        geotab(WRONG_PASSWORD),
    ];
    let mut given = vec![
        ("a secret key", key.clone()),
        ("a publishable key", publishable.clone()),
    ];
    let mut ended = Vec::new();
    for connection in &made {
        let token = text(connection, "token");
        let sync = use_it(&base_url, &PublicApi::new(&key, &token)).await;
        ended.push(text(&sync, "status"));
        mistype(&base_url, &key, &token).await;
        given.push(("a connection's token", token));
    }
    assert_eq!(
        ended,
        ["completed", "completed", "completed", "failed", "failed"]
    );
    let link = link::connect_samsara(&scene, &base_url, &key, &publishable).await;
    given.extend(link);

    let mut written = scene.files("while it ran");
    stop(&mut server);
    let ids: Vec<ConnectionId> = made
        .iter()
        .map(|connection| text(connection, "id").parse().expect("an id"))
        .collect();
    let store = testkit::databases::open_data_directory(scene.data.path()).await;
    let unpacked = unpacked(&store, &ids).await;
    drop(store);
    written.extend(scene.files("after it ran"));

    check_that_it_would_be_found(&scene, &written, &unpacked);
    let secrets = secrets(&scene, &given);
    let all = [written, unpacked.pages, unpacked.rest].concat();
    let leaks = leaks(&secrets, &all);
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

fn stop(server: &mut Child) {
    let id = server.id().to_string();
    let sent = Command::new("kill").args(["-TERM", &id]).status();
    assert!(sent.expect("kill runs").success());
    let ended = server.wait().expect("it ends");
    assert!(
        ended.success(),
        "a graceful stop ends well, not with {ended}"
    );
}

/// The control: what is no secret is found where it is, and only there.
fn check_that_it_would_be_found(scene: &Scene, files: &[Written], unpacked: &Unpacked) {
    let found =
        |places: &[Written], wanted: &[u8]| places.iter().any(|place| holds(&place.bytes, wanted));
    let named = |part: &str| {
        let of_name = files.iter().filter(|file| file.what.contains(part));
        of_name.cloned().collect::<Vec<_>>()
    };
    let logged = named(&scene.logs.path().join("stderr").display().to_string());
    assert!(found(&logged, b"signing in"), "the log was searched");
    assert!(
        found(&named("stdout"), b"listening on"),
        "its output was searched"
    );
    assert!(
        found(&named("gladhand.db"), COMPANY.as_bytes()),
        "the database was searched"
    );
    // Answers that repeated what they were asked: the mark is there, and asterisks follow.
    let repeating = |place: &&Written| holds(&place.bytes, PAGE_MARK.as_bytes());
    let repeated: Vec<&Written> = unpacked.pages.iter().filter(repeating).collect();
    assert!(repeated.len() > 10, "{} pages repeat", repeated.len());
    assert!(repeated.iter().all(|page| holds(&page.bytes, b"********")));
    // Both kinds of stored bodies, those that came compressed and those that did not, are only
    // found once they are decompressed; and so are the texts of columns.
    let plain = unpacked
        .pages
        .iter()
        .find(|page| !page.bytes.is_empty() && !repeating(page));
    let compressed = &plain.expect("Motive's pages came compressed").bytes;
    let piece = &compressed[compressed.len() / 2..][..24.min(compressed.len() / 2)];
    for hidden in [PAGE_MARK.as_bytes(), piece] {
        assert!(found(&unpacked.pages, hidden));
        assert!(
            !found(&named("gladhand.db"), hidden),
            "it lies there compressed"
        );
    }
    let address = unpacked.addresses.first().expect("vehicles were somewhere");
    assert!(found(&unpacked.rest, address.as_bytes()));
}
