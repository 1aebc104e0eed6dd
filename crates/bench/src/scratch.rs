//! A directory for one measurement, gone afterwards.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{BenchError, Doing};

static MADE: AtomicU64 = AtomicU64::new(0);

#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    /// In `parent`, else in the system's temporary directory.
    pub fn new(parent: Option<&Path>) -> Result<Scratch, BenchError> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("gladhand-bench-{}-{number}", std::process::id());
        let path = parent
            .map_or_else(std::env::temp_dir, Path::to_owned)
            .join(name);
        std::fs::create_dir_all(&path).doing(format!("making {}", path.display()))?;
        Ok(Scratch(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What is left behind is the system's to clean; no measurement fails for it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
