//! The threat model names tests, and they exist: a row of its table whose test was renamed or taken
//! away claims a defence that nobody sees to.
//!
//! Only names are compared. Whether a test shows what its row says is for whoever reads both. What
//! runs where: a name such as `store addresses::tests::an_origin_has_one_spelling` is a package and
//! a path, as nextest prints them; `browser: wrong password` is a scenario of `xtask/browser`.

use std::path::{Path, PathBuf};

use testkit::contract::workspace_root;

const DOCUMENT: &str = "docs/security.md";
/// How the last column of its table begins.
const LAST_COLUMN: &str = "test";
/// Fewer rows than this were not read for what they are.
const LEAST_ROWS: usize = 30;

/// Where tests are looked for.
struct Sources {
    root: PathBuf,
}

struct Row {
    /// First cell.
    threat: String,
    /// What stands in backticks in the last cell.
    tests: Vec<String>,
}

#[test]
fn every_row_of_the_threat_model_names_a_test_that_exists() {
    let sources = Sources {
        root: workspace_root(),
    };
    let text = std::fs::read_to_string(sources.root.join(DOCUMENT)).expect("the document");
    let rows = rows(&text);
    assert!(
        rows.len() >= LEAST_ROWS,
        "only {} rows were understood",
        rows.len()
    );
    let mut missing = Vec::new();
    for row in &rows {
        if row.tests.is_empty() {
            missing.push(format!("{:?} names no test", row.threat));
        }
        let absent = row.tests.iter().filter(|test| !sources.have(test));
        missing.extend(absent.map(|test| format!("{:?}: there is no {test}", row.threat)));
    }
    assert!(
        missing.is_empty(),
        "{DOCUMENT} names what is not there:\n{}",
        missing.join("\n")
    );
}

#[test]
fn names_of_every_kind_are_found_and_wrong_ones_are_not() {
    let sources = Sources {
        root: workspace_root(),
    };
    let check = |test: &str, exists: bool| assert_eq!(sources.have(test), exists, "{test}");
    let own = "names_of_every_kind_are_found_and_wrong_ones_are_not";
    check(&format!("gladhand::it security_document::{own}"), true);
    check(&format!("gladhand::it consent::{own}"), false);
    check(&format!("gladhand security_document::{own}"), false);
    check("gladhand::it security_document::every_row", false);
    // A function that is no test, and a module that is not there.
    check("gladhand::it security_document::rows", false);
    check("store addresses::tests::an_origin_has_one_spelling", true);
    check("store addresses::tests::origin_address", false);
    check("store keys::tests::an_origin_has_one_spelling", false);
    check("nobody addresses::tests::an_origin_has_one_spelling", false);
    let raced = "of_racing_exchanges_one_wins";
    for engine in ["sqlite_threads", "sqlite_inline", "postgres"] {
        check(&format!("store conformance::{engine}::{raced}"), true);
    }
    check(&format!("store conformance::oracle::{raced}"), false);
    check("store conformance::postgres::a_public_token", false);
    check("browser: wrong password", true);
    check("browser: exit", true);
    check("browser: exi", false);
    check("nonsense", false);
}

#[test]
fn rows_are_read_from_the_table_of_threats_alone() {
    let text = "| a | b |\n| --- | --- |\n| 1 | `x y` |\n\n\
        | threat | stops | test |\n| --- | --- | --- |\n\
        | one | with `code` | `a b`, `c d` |\n| two | nothing | none |\n\ntext | more\n";
    let rows = rows(text);
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0].threat, "one");
    assert_eq!(rows[0].tests, ["a b", "c d"]);
    assert!(rows[1].tests.is_empty());
}

#[test]
fn no_code_of_ours_is_unsafe() {
    let root = workspace_root();
    let read = |path: PathBuf| std::fs::read_to_string(path).expect("a manifest");
    let lints = "unsafe_code = \"forbid\"";
    assert!(read(root.join("Cargo.toml")).contains(lints), "{lints}");
    let mut manifests = files_below(&root.join("crates"), "/Cargo.toml");
    manifests.push(root.join("xtask/Cargo.toml"));
    assert!(manifests.len() > 10, "{manifests:?}");
    for manifest in manifests {
        let heeded = read(manifest.clone()).contains("[lints]\nworkspace = true");
        assert!(heeded, "{} has lints of its own", manifest.display());
    }
}

/// The rows of all tables whose last column is the tests.
fn rows(text: &str) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut is_inside = false;
    for line in text.lines() {
        let Some(cells) = line
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'))
        else {
            is_inside = false;
            continue;
        };
        let cells: Vec<&str> = cells.split('|').map(str::trim).collect();
        let last = cells.last().copied().unwrap_or_default();
        if last.starts_with(LAST_COLUMN) {
            is_inside = true;
        } else if is_inside && !last.starts_with("---") {
            rows.push(Row {
                threat: cells[0].to_owned(),
                tests: last
                    .split('`')
                    .skip(1)
                    .step_by(2)
                    .map(str::to_owned)
                    .collect(),
            });
        }
    }
    rows
}

impl Sources {
    fn have(&self, test: &str) -> bool {
        if let Some(scenario) = test.strip_prefix("browser: ") {
            return self.has_scenario(scenario);
        }
        let Some((package, path)) = test.split_once(' ') else {
            return false;
        };
        let root = match package {
            "gladhand::it" => "crates/gladhand/tests/it".to_owned(),
            "xtask" => "xtask/src".to_owned(),
            package => format!("crates/{package}/src"),
        };
        let modules: Vec<&str> = path.split("::").collect();
        match modules.as_slice() {
            [
                "conformance",
                "sqlite_threads" | "sqlite_inline" | "postgres",
                case,
            ] => self.has_conformance_case(case),
            [modules @ .., name] => {
                let root = self.root.join(root);
                let files = files_below(&root, ".rs");
                files
                    .iter()
                    .any(|file| has_test(&root, file, modules, name))
            }
            [] => false,
        }
    }

    /// The suite's cases are plain functions, made tests by their line in the list.
    fn has_conformance_case(&self, case: &str) -> bool {
        let root = self.root.join("crates/store/src/conformance");
        let list = std::fs::read_to_string(root.join("mod.rs")).expect("the suite's list");
        let line = format!("::{case},");
        list.lines().any(|listed| listed.trim().ends_with(&line))
    }

    /// A key of a file's `scenarios`.
    fn has_scenario(&self, name: &str) -> bool {
        let root = self.root.join("xtask/browser/scenarios");
        let (quoted, bare) = (format!("\"{name}\":"), format!("{name},"));
        files_below(&root, ".mjs").iter().any(|file| {
            let text = std::fs::read_to_string(file).expect("a file that was listed");
            let (_, listed) = text
                .split_once("export const scenarios")
                .unwrap_or_default();
            let mut lines = listed.lines().map(str::trim);
            lines.any(|line| line.starts_with(&quoted) || line == bare)
        })
    }
}

/// Whether `file` holds the test function `name` of the module with this path.
fn has_test(root: &Path, file: &Path, modules: &[&str], name: &str) -> bool {
    let below = file.strip_prefix(root).expect("it was found there");
    let path = below.with_extension("");
    let mut own: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    if matches!(own.last(), Some(&"mod" | &"lib" | &"main")) {
        own.pop();
    }
    let Some(inner) = modules.strip_prefix(own.as_slice()) else {
        return false;
    };
    let text = std::fs::read_to_string(file).expect("a file that was listed");
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let opens = |module: &&str| lines.contains(&format!("mod {module} {{").as_str());
    inner.iter().all(opens)
        && lines
            .iter()
            .enumerate()
            .any(|(at, line)| is_function(line, name) && is_test(&lines[..at]))
}

fn is_function(line: &str, name: &str) -> bool {
    let line = line.strip_prefix("async ").unwrap_or(line);
    let rest = line
        .strip_prefix("fn ")
        .and_then(|line| line.strip_prefix(name));
    rest.is_some_and(|rest| rest.starts_with('('))
}

/// Whether the attributes that end these lines make a test of what follows.
fn is_test(before: &[&str]) -> bool {
    let attributes = before.iter().rev();
    let mut attributes = attributes.take_while(|line| line.starts_with("#["));
    attributes.any(|line| line.starts_with("#[test]") || line.starts_with("#[tokio::test"))
}

fn files_below(directory: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(directory) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.expect("a directory that can be read").path();
        if path.is_dir() {
            files.extend(files_below(&path, ending));
        } else if path.to_string_lossy().ends_with(ending) {
            files.push(path);
        }
    }
    files
}
