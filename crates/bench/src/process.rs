//! What the kernel counts of a process, and the runtime that measurements run on.

use std::time::Duration;

use tokio::runtime::Runtime;

use crate::error::{BenchError, Doing};

/// The kernel shows processor time to programs in hundredths of a second, on every machine.
const TICK: Duration = Duration::from_millis(10);

pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// As many worker threads as there are cores.
pub fn runtime() -> Result<Runtime, BenchError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores())
        .enable_all()
        .build()
        .doing("starting the threads")
}

fn read(file: &str) -> Result<String, BenchError> {
    let path = format!("/proc/{file}");
    std::fs::read_to_string(&path).doing(format!("reading {path}"))
}

/// Processor time of this process so far, in user and in kernel mode.
pub fn cpu_time() -> Result<Duration, BenchError> {
    cpu_time_of(&read("self/stat")?)
        .ok_or_else(|| BenchError::unexpected("/proc/self/stat has an unknown form"))
}

fn cpu_time_of(stat: &str) -> Option<Duration> {
    // The program's name may hold spaces and parentheses; after the last one come the numbers.
    let (_, numbers) = stat.rsplit_once(')')?;
    let mut fields = numbers.split_whitespace().skip(11);
    let user: u32 = fields.next()?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some(TICK * (user + system))
}

/// Bytes that this process has written so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenBytes {
    /// Given to write calls, whatever they wrote to.
    pub called: u64,
    /// Sent towards a disk, in whole pages of memory.
    pub disk: u64,
}

pub fn written() -> Result<WrittenBytes, BenchError> {
    written_of(&read("self/io")?)
        .ok_or_else(|| BenchError::unexpected("/proc/self/io has an unknown form"))
}

fn written_of(io: &str) -> Option<WrittenBytes> {
    Some(WrittenBytes {
        called: field(io, "wchar:")?,
        disk: field(io, "write_bytes:")?,
    })
}

/// Memory of a process that is in RAM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResidentBytes {
    pub now: u64,
    /// The most since the process began.
    pub peak: u64,
}

pub fn resident(process: u32) -> Result<ResidentBytes, BenchError> {
    resident_of(&read(&format!("{process}/status"))?)
        .ok_or_else(|| BenchError::unexpected("/proc/…/status has an unknown form"))
}

fn resident_of(status: &str) -> Option<ResidentBytes> {
    Some(ResidentBytes {
        now: field(status, "VmRSS:")? * 1024,
        peak: field(status, "VmHWM:")? * 1024,
    })
}

fn field(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_words_are_understood() {
        let stat = "42 (a (b) c) R 1 42 42 0 -1 4194304 99 0 0 0 150 25 0 0 20 0 1 0 7 8 9";
        assert_eq!(cpu_time_of(stat), Some(Duration::from_millis(1_750)));
        let io = "rchar: 1\nwchar: 22\nsyscr: 3\nread_bytes: 0\nwrite_bytes: 4096\n";
        let written = WrittenBytes {
            called: 22,
            disk: 4_096,
        };
        assert_eq!(written_of(io), Some(written));
        let status = "Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
        let resident = ResidentBytes {
            now: 1 << 20,
            peak: 2 << 20,
        };
        assert_eq!(resident_of(status), Some(resident));
    }

    #[test]
    fn this_process_is_counted() {
        assert!(cpu_time().is_ok());
        assert!(written().is_ok());
        let resident = resident(std::process::id()).expect("this process runs");
        assert!(resident.peak >= resident.now);
    }
}
