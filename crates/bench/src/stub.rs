//! Temporary: until the store reports its sizes.
use std::future::Future;
use store::{Store, StoreError};

#[derive(Clone, Copy, Debug, Default)]
pub struct StorageReport { pub points: u64, pub block_bytes: u64, pub tail_bytes: u64, pub page_bytes: u64, pub record_bytes: u64, pub database_bytes: u64 }
pub static PATH: std::sync::Mutex<Option<std::path::PathBuf>> = std::sync::Mutex::new(None);
pub trait StorageStub { fn storage(&self) -> impl Future<Output = Result<StorageReport, StoreError>> + Send; }
impl StorageStub for Store {
    async fn storage(&self) -> Result<StorageReport, StoreError> {
        let path = PATH.lock().unwrap_or_else(|p| p.into_inner()).clone().unwrap_or_default();
        let py = "import sqlite3,sys,os\nd=sqlite3.connect(sys.argv[1])\nq=lambda s:(d.execute(s).fetchone()[0] or 0)\nprint(q('select sum(count) from blocks')+q('select sum(points) from history_tail'),q('select sum(length(body)) from blocks'),q('select sum(length(body)) from history_tail'),q('select sum(length(body)) from pages'),q('select sum(length(body)) from records'),q('pragma page_count')*q('pragma page_size'))";
        let out = std::process::Command::new("python3").args(["-c", py]).arg(path.join("gladhand.db")).output();
        let text = String::from_utf8_lossy(&out.map(|o| o.stdout).unwrap_or_default()).into_owned();
        let n: Vec<u64> = text.split_whitespace().filter_map(|t| t.parse().ok()).collect();
        if n.len() != 6 { return Ok(StorageReport::default()); }
        Ok(StorageReport { points: n[0], block_bytes: n[1], tail_bytes: n[2], page_bytes: n[3], record_bytes: n[4], database_bytes: n[5] })
    }
}
