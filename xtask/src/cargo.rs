//! Cargo, with the shared target directory.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The checkout that was meant: the one whose cargo runs this. Checkouts share a target directory,
/// so the program may well have been compiled in another one.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR");
        let xtask = manifest.map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = xtask.parent().expect("xtask lies in the checkout");
        root.to_owned()
    });
    &ROOT
}

/// `CARGO_TARGET_DIR`, else `gladhand/target` in the user's cache directory.
pub fn target_dir() -> PathBuf {
    let named = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(directory) = named("CARGO_TARGET_DIR") {
        return root().join(directory);
    }
    let cache = named("XDG_CACHE_HOME").or_else(|| Some(named("HOME")?.join(".cache")));
    match cache {
        Some(cache) => cache.join("gladhand").join("target"),
        None => root().join("target"),
    }
}

pub fn cargo() -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target_dir());
    // What cargo tells xtask about itself: build scripts that watch these variables would build
    // everything again whenever plain cargo and xtask take turns.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Builds the binary and returns its path. Cargo's progress goes to standard error.
pub fn build_gladhand(release: bool) -> Result<PathBuf, String> {
    let mut command = cargo();
    command.args(["build", "--package", "gladhand", "--bin", "gladhand"]);
    if release {
        command.arg("--release");
    }
    crate::program::succeed(&mut command)?;
    let profile = if release { "release" } else { "debug" };
    let name = format!("gladhand{}", std::env::consts::EXE_SUFFIX);
    Ok(target_dir().join(profile).join(name))
}

pub fn in_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}
