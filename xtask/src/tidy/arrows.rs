//! Who may depend on whom: the design's arrows in closed form.

use super::Finding;
use super::files::File;

struct Arrows {
    from: &'static str,
    to: &'static [&'static str],
    /// For tests only.
    to_in_tests: &'static [&'static str],
}

const fn arrows(from: &'static str, to: &'static [&'static str]) -> Arrows {
    Arrows {
        from,
        to,
        to_in_tests: &[],
    }
}

const EVERYTHING: &[&str] = &[
    "api",
    "engine",
    "model",
    "pages",
    "provider",
    "providers",
    "simulator",
    "store",
    "world",
];

const ARROWS: &[Arrows] = &[
    Arrows {
        from: "gladhand",
        to: EVERYTHING,
        to_in_tests: &["testkit"],
    },
    arrows("api", &["engine", "store", "model"]),
    Arrows {
        from: "pages",
        to: &["engine", "store", "model"],
        to_in_tests: &["testkit"],
    },
    arrows(
        "engine",
        &["store", "providers", "provider", "world", "model"],
    ),
    arrows("providers", &["provider", "model"]),
    arrows("provider", &["model"]),
    arrows("store", &["model"]),
    arrows("simulator", &["model", "world"]),
    arrows("world", &["model"]),
    arrows("model", &[]),
    // Beside the server, not part of it.
    arrows("testkit", EVERYTHING),
    arrows(
        "bench",
        &[
            "api",
            "engine",
            "gladhand",
            "model",
            "provider",
            "providers",
            "simulator",
            "store",
            "testkit",
            "world",
        ],
    ),
    arrows("xtask", &[]),
];

pub fn check(files: &[File]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files {
        if file.path != "Cargo.toml" && file.path.ends_with("Cargo.toml") {
            check_manifest(file, &mut findings);
        }
    }
    findings
}

fn check_manifest(file: &File, findings: &mut Vec<Finding>) {
    let folder = file.path.trim_end_matches("/Cargo.toml");
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let Some(arrows) = ARROWS.iter().find(|arrows| arrows.from == name) else {
        let what = "a crate without a line in the list of arrows (xtask/src/tidy/arrows.rs)";
        findings.push(Finding::new(&file.path, 0, what));
        return;
    };
    let mut section = "";
    for (index, line) in file.text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            section = line.trim_matches(['[', ']']);
            continue;
        }
        let dependency = line.split(['.', '=', ' ']).next().unwrap_or_default();
        let is_ours = ARROWS.iter().any(|arrows| arrows.from == dependency);
        let allowed = match section {
            "dependencies" | "build-dependencies" => arrows.to.contains(&dependency),
            "dev-dependencies" => {
                arrows.to.contains(&dependency) || arrows.to_in_tests.contains(&dependency)
            }
            _ => continue,
        };
        if is_ours && !allowed {
            let what = format!("`{name}` must not depend on `{dependency}`");
            findings.push(Finding::new(&file.path, index + 1, what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arrow_against_the_design_is_found() {
        let manifest = |path: &str, text: &str| {
            let file = File {
                path: path.to_owned(),
                text: text.to_owned(),
            };
            check(&[file])
                .iter()
                .map(Finding::to_string)
                .collect::<Vec<_>>()
        };
        let found = manifest(
            "crates/store/Cargo.toml",
            "[package]\nname = \"store\"\n[dependencies]\nmodel.workspace = true\n\
             engine = { workspace = true }\nserde.workspace = true\n",
        );
        assert_eq!(
            found,
            ["crates/store/Cargo.toml:5: `store` must not depend on `engine`"]
        );
        let text = "[dev-dependencies]\ntestkit.workspace = true\n";
        assert_eq!(manifest("crates/gladhand/Cargo.toml", text).len(), 0);
        assert_eq!(manifest("crates/engine/Cargo.toml", text).len(), 1);
        assert_eq!(manifest("crates/stranger/Cargo.toml", "").len(), 1);
    }
}
