//! The checkout's own text files.

use std::path::Path;

pub struct File {
    /// From the checkout, with slashes.
    pub path: String,
    pub text: String,
}

impl File {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Lines from the first `#[cfg(test)]` on are tests, and so are whole files of tests.
    pub fn first_test_line(&self) -> usize {
        let whole = self.path.contains("/tests/")
            || self.path.ends_with("/tests.rs")
            || self.path.starts_with("crates/testkit/");
        if whole {
            return 1;
        }
        let marked = self
            .text
            .lines()
            .position(|line| line.trim() == "#[cfg(test)]");
        marked.map_or(usize::MAX, |index| index + 1)
    }
}

/// Directories that hold nothing of ours.
const PASSED_OVER: &[&str] = &[".git", "target", "data", "node_modules", "__pycache__"];

const TEXT_ENDINGS: &[&str] = &[
    ".rs", ".toml", ".md", ".sql", ".py", ".json", ".yml", ".yaml", ".txt", ".sh", ".lock",
];

pub fn read(root: &Path) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    walk(root, "", &mut files).map_err(|error| format!("cannot read the checkout: {error}"))?;
    files.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(files)
}

fn walk(directory: &Path, prefix: &str, files: &mut Vec<File>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !PASSED_OVER.contains(&name.as_str()) {
                walk(&entry.path(), &format!("{path}/"), files)?;
            }
            continue;
        }
        let is_text = TEXT_ENDINGS.iter().any(|ending| name.ends_with(ending))
            || !name.contains('.')
            || path.starts_with(".ci/");
        if kind.is_file() && is_text {
            let text = String::from_utf8_lossy(&std::fs::read(entry.path())?).into_owned();
            files.push(File { path, text });
        }
    }
    Ok(())
}
