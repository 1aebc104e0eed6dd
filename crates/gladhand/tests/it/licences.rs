//! What the program is built from: under which licences, from where, and what is not among it.
//!
//! `cargo metadata` tells for all platforms at once. Crates that only tests use are left out: they
//! are not given to anybody.

mod spdx;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;
use testkit::contract::workspace_root;

/// Licences that ask for no more than to be named, and do not reach beyond their own files.
const LICENCES: [&str; 9] = [
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Zlib",
];

/// Licences of data, each for the crates that are nothing else.
const LICENCES_OF_DATA: [(&str, &[&str]); 1] = [(
    "CDLA-Permissive-2.0",
    // The web's certificate authorities.
    &["webpki-roots", "webpki-root-certs"],
)];

const EXCEPTIONS: [&str; 1] = ["LLVM-exception"];

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Crates that nothing may bring in, with the reason.
const BANNED: [(&str, &str); 13] = [
    ("ansi_term", "unmaintained"),
    ("async-std", "a second runtime, and unmaintained"),
    ("atty", "unmaintained, and unsound: std has IsTerminal"),
    (
        "aws-lc-rs",
        "TLS has one cryptography here, and that is ring",
    ),
    (
        "aws-lc-sys",
        "TLS has one cryptography here, and that is ring",
    ),
    ("chrono", "calendars and zones are jiff's"),
    ("dotenv", "the configuration reads its environment itself"),
    ("failure", "unmaintained: errors are thiserror's"),
    ("native-tls", "TLS is rustls, the same on every machine"),
    ("openssl", "TLS is rustls, the same on every machine"),
    ("openssl-sys", "TLS is rustls, the same on every machine"),
    ("serde_yaml", "unmaintained: the configuration is TOML"),
    ("structopt", "clap does that itself"),
];

/// Crates that others may use and we may not.
const BANNED_AS_OURS: [(&str, &str); 4] = [
    ("lazy_static", "std has LazyLock"),
    ("once_cell", "std has OnceLock"),
    ("rand", "chance comes from `world`"),
    ("time", "calendars and zones are jiff's"),
];

/// Name, version, licence, and what is wrong.
type Finding = (String, String, String, String);

struct Package<'a> {
    name: &'a str,
    version: &'a str,
    licence: &'a str,
    source: Option<&'a str>,
}

impl Package<'_> {
    fn finding(&self, what: impl Into<String>) -> Finding {
        let text = str::to_owned;
        (
            text(self.name),
            text(self.version),
            text(self.licence),
            what.into(),
        )
    }
}

/// The packages that something of ours is built with, by their ids; and ours among them.
fn built_with<'a>(metadata: &'a Value) -> (BTreeMap<&'a str, Package<'a>>, BTreeSet<&'a str>) {
    let rows = |value: &'a Value| value.as_array().into_iter().flatten();
    let nodes: BTreeMap<&str, &Value> = rows(&metadata["resolve"]["nodes"])
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let ours: BTreeSet<&str> = rows(&metadata["workspace_members"])
        .filter_map(Value::as_str)
        .collect();
    let mut open: Vec<&str> = ours.iter().copied().collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = open.pop() {
        if !reached.insert(id) {
            continue;
        }
        let node = nodes.get(id).expect("what is depended upon is resolved");
        for dependency in rows(&node["deps"]) {
            let is_for_tests = |kind: &Value| kind["kind"] == "dev";
            if !rows(&dependency["dep_kinds"]).all(is_for_tests) {
                open.extend(dependency["pkg"].as_str());
            }
        }
    }
    let packages = rows(&metadata["packages"])
        .filter_map(|package| {
            let text = |member: &str| package[member].as_str();
            let id = text("id").filter(|id| reached.contains(id))?;
            let package = Package {
                name: text("name")?,
                version: text("version")?,
                licence: text("license").unwrap_or_default(),
                source: text("source"),
            };
            Some((id, package))
        })
        .collect();
    (packages, ours)
}

fn findings(metadata: &Value) -> Vec<Finding> {
    let (packages, ours) = built_with(metadata);
    let mut findings = Vec::new();
    for (id, package) in &packages {
        let of_data = |licence: &str| {
            LICENCES_OF_DATA
                .iter()
                .any(|(own, crates)| *own == licence && crates.contains(&package.name))
        };
        let may = |licence: &str| LICENCES.contains(&licence) || of_data(licence);
        match spdx::is_satisfied(package.licence, may, |name| EXCEPTIONS.contains(&name)) {
            Ok(true) => {}
            Ok(false) => findings.push(package.finding("a licence that is not on the list")),
            Err(error) => findings.push(package.finding(format!("its licence: {error}"))),
        }
        match package.source {
            Some(REGISTRY) => {}
            None if ours.contains(id) => {}
            other => {
                let from = other.unwrap_or("a folder outside the workspace");
                findings.push(package.finding(format!("comes from {from}")));
            }
        }
        let banned = BANNED.iter().find(|(name, _)| *name == package.name);
        findings.extend(banned.map(|(_, reason)| package.finding(*reason)));
        if package.name == "time" && package.version.starts_with("0.1.") {
            findings.push(package.finding("reads the environment unsoundly"));
        }
    }
    findings.extend(ours_that_are_banned(metadata));
    findings
}

fn ours_that_are_banned(metadata: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    let members = metadata["workspace_members"].as_array();
    let is_ours = |package: &&Value| members.is_some_and(|ours| ours.contains(&package["id"]));
    let packages = metadata["packages"].as_array().into_iter().flatten();
    for package in packages.filter(is_ours) {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies {
            let banned = BANNED_AS_OURS.iter();
            for (name, reason) in banned.filter(|(name, _)| dependency["name"] == *name) {
                let by = package["name"].as_str().unwrap_or_default();
                let what = format!("{by} depends on it: {reason}");
                findings.push(((*name).to_owned(), String::new(), String::new(), what));
            }
        }
    }
    findings
}

fn table(findings: &[Finding]) -> String {
    let mut text = String::from("\n");
    for (name, version, licence, what) in findings {
        text.push_str(&format!("{name:28} {version:12} {licence:32} {what}\n"));
    }
    text
}

/// Asks without the network first: whoever runs a test has built the workspace.
fn metadata() -> Value {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ask = |more: &[&str]| {
        Command::new(&cargo)
            .args(["metadata", "--format-version", "1", "--locked"])
            .args(more)
            .current_dir(workspace_root())
            .output()
            .expect("cargo runs")
    };
    let mut output = ask(&["--offline"]);
    if !output.status.success() {
        output = ask(&[]);
    }
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

#[test]
fn everything_that_is_built_in_may_be() {
    let metadata = metadata();
    let (packages, ours) = built_with(&metadata);
    let names: Vec<&str> = packages.values().map(|package| package.name).collect();
    assert!(ours.len() > 10 && names.contains(&"tokio"), "{names:?}");
    let findings = findings(&metadata);
    assert!(findings.is_empty(), "{}", table(&findings));
}

#[test]
fn what_may_not_be_built_in_is_found() {
    let package = |name: &str, version: &str, licence: Option<&str>, source: Option<&str>| {
        serde_json::json!({
            "id": name, "name": name, "version": version, "license": licence, "source": source,
            "dependencies": [{"name": "lazy_static"}],
        })
    };
    let normal = |name: &str| serde_json::json!({"pkg": name, "dep_kinds": [{"kind": null}]});
    let crates_io = Some(REGISTRY);
    let metadata = serde_json::json!({
        "workspace_members": ["ours"],
        "packages": [
            package("ours", "1.0.0", Some("Apache-2.0"), None),
            package("good", "1.0.0", Some("MIT OR GPL-3.0-only"), crates_io),
            package("copyleft", "1.0.0", Some("MIT AND GPL-3.0-only"), crates_io),
            package("unlicensed", "1.0.0", None, crates_io),
            package("openssl", "0.10.0", Some("Apache-2.0"), crates_io),
            package("forked", "1.0.0", Some("MIT"), Some("git+https://example.com/forked")),
            package("beside", "1.0.0", Some("MIT"), None),
            package("time", "0.1.45", Some("MIT"), crates_io),
            package("data", "1.0.0", Some("CDLA-Permissive-2.0"), crates_io),
            package("for-tests", "1.0.0", Some("GPL-3.0-only"), crates_io),
        ],
        "resolve": {"nodes": [
            {"id": "ours", "deps": [
                normal("good"), normal("copyleft"), normal("unlicensed"), normal("openssl"),
                normal("forked"), normal("beside"), normal("time"),
                {"pkg": "data", "dep_kinds": [{"kind": "dev"}, {"kind": "build"}]},
                {"pkg": "for-tests", "dep_kinds": [{"kind": "dev"}]},
            ]},
            {"id": "good", "deps": []}, {"id": "copyleft", "deps": []},
            {"id": "unlicensed", "deps": []}, {"id": "openssl", "deps": []},
            {"id": "forked", "deps": []}, {"id": "beside", "deps": []},
            {"id": "time", "deps": []}, {"id": "data", "deps": []},
            {"id": "for-tests", "deps": []},
        ]},
    });
    let findings = findings(&metadata);
    let names: Vec<&str> = findings.iter().map(|(name, ..)| name.as_str()).collect();
    let wanted = [
        "beside",
        "copyleft",
        "data",
        "forked",
        "openssl",
        "time",
        "unlicensed",
        "lazy_static",
    ];
    assert_eq!(names, wanted, "{}", table(&findings));
}
