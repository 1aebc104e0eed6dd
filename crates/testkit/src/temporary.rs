//! Directories that go when their test ends.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

static MADE: AtomicU64 = AtomicU64::new(0);

/// A fresh directory under the system's temporary one, removed on drop.
#[derive(Debug)]
pub struct TemporaryDirectory(PathBuf);

impl TemporaryDirectory {
    pub fn new(name: &str) -> TemporaryDirectory {
        TemporaryDirectory::under(std::env::temp_dir(), name)
    }

    /// On Linux's memory file system where there is one.
    pub fn in_memory(name: &str) -> TemporaryDirectory {
        let memory = PathBuf::from("/dev/shm");
        match memory.is_dir() {
            true => TemporaryDirectory::under(memory, name),
            false => TemporaryDirectory::new(name),
        }
    }

    fn under(parent: PathBuf, name: &str) -> TemporaryDirectory {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!("gladhand-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).expect("the temporary directory is writable");
        TemporaryDirectory(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        // What is left behind is the system's to clean; a test must not fail for it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
