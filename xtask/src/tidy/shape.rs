//! The shape of the house: names, documents, what each folder must hold.

use super::Finding;
use super::files::File;

/// Each new dependency is a decision.
const MAX_PACKAGES: usize = 320;

/// Names that say nothing of what is inside.
const EMPTY_NAMES: &[&str] = &[
    "util", "utils", "common", "helper", "helpers", "manager", "misc",
];

const DOCUMENTS: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "STYLE.md",
    "CHANGELOG.md",
    "LICENSE",
];

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for document in DOCUMENTS {
        if !exists(files, document) {
            findings.push(Finding::new(document, 0, "is absent"));
        }
    }
    for file in files {
        check_name(file, &mut findings);
        check_opening(file, &mut findings);
        check_lock(file, &mut findings);
    }
    check_providers(files, &mut findings);
    findings
}

fn exists(files: &[File], path: &str) -> bool {
    files.iter().any(|file| file.path == path)
}

fn check_name(file: &File, findings: &mut Vec<Finding>) {
    if !file.is_rust() {
        return;
    }
    let empty = file
        .path
        .trim_end_matches(".rs")
        .split('/')
        .find(|name| EMPTY_NAMES.contains(name));
    if let Some(name) = empty {
        let what = format!("`{name}` says nothing of what is inside");
        findings.push(Finding::new(&file.path, 0, what));
    }
}

fn check_opening(file: &File, findings: &mut Vec<Finding>) {
    let opens_crate = file.path.ends_with("src/lib.rs") || file.path.ends_with("src/main.rs");
    if opens_crate && !file.text.starts_with("//!") {
        let what = "must begin with //!: who acts here, and what is absent";
        findings.push(Finding::new(&file.path, 1, what));
    }
}

fn check_lock(file: &File, findings: &mut Vec<Finding>) {
    if file.path != "Cargo.lock" {
        return;
    }
    let packages = file
        .text
        .lines()
        .filter(|line| *line == "[[package]]")
        .count();
    if packages > MAX_PACKAGES {
        let what = format!("{packages} packages, more than {MAX_PACKAGES}: is the new one needed?");
        findings.push(Finding::new(&file.path, 0, what));
    }
}

fn check_providers(files: &[File], findings: &mut Vec<Finding>) {
    const FOLDER: &str = "crates/providers/src/";
    let mut codes: Vec<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix(FOLDER)?.split_once('/'))
        .map(|(code, _)| code)
        .collect();
    codes.sort_unstable();
    codes.dedup();
    for code in codes {
        let folder = format!("{FOLDER}{code}/");
        if !exists(files, &format!("{folder}README.md")) {
            let what = "is absent: what this provider sends, and its traps";
            findings.push(Finding::new(&format!("{folder}README.md"), 0, what));
        }
        let fixtures = format!("{folder}fixtures/");
        if !files.iter().any(|file| file.path.starts_with(&fixtures)) {
            findings.push(Finding::new(
                &fixtures,
                0,
                "is absent: the answers it is tested on",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_named() {
        let file = |path: &str, text: &str| File {
            path: path.to_owned(),
            text: text.to_owned(),
        };
        let mut files: Vec<File> = DOCUMENTS.iter().map(|path| file(path, "")).collect();
        files.push(file("crates/providers/src/acme/mod.rs", ""));
        files.push(file("crates/providers/src/acme/fixtures/vehicles.json", ""));
        files.push(file("crates/api/src/lib.rs", "mod utils;"));
        files.push(file("crates/api/src/utils.rs", ""));
        let found: Vec<String> = check(&files).iter().map(Finding::to_string).collect();
        assert_eq!(
            found,
            [
                "crates/api/src/lib.rs:1: must begin with //!: who acts here, and what is absent",
                "crates/api/src/utils.rs: `utils` says nothing of what is inside",
                "crates/providers/src/acme/README.md: is absent: what this provider sends, and \
                 its traps",
            ]
        );
    }
}
