//! A PostgreSQL for the tests: the one that answers, else a private cluster of our own.
//!
//! The private cluster lies in a temporary directory, listens on a free port of the loopback
//! interface and lets everybody in; durability stays on, because the tests are about it. A small
//! shell script is its keeper: it waits on a pipe whose other end this process holds, so however
//! this process ends (also by SIGKILL), the pipe closes and the keeper stops the server and
//! removes the directory.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::program;

pub const VARIABLE: &str = "GLADHAND_TEST_POSTGRES";
const DEFAULT_URL: &str = "postgres://postgres@127.0.0.1:5432/postgres";
const START_LIMIT: Duration = Duration::from_secs(60);
const PROBE_LIMIT: Duration = Duration::from_secs(3);

const KEEPER: &str = r#"
trap : INT TERM HUP
directory=$1; shift
"$@" >"$directory/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server" 2>/dev/null
wait "$server"
rm -rf "$directory"
"#;

pub enum Server {
    /// Somebody else's, already running.
    Found {
        url: String,
    },
    Own {
        url: String,
        keeper: Child,
    },
}

impl Server {
    pub fn url(&self) -> &str {
        match self {
            Server::Found { url } | Server::Own { url, .. } => url,
        }
    }

    pub fn notice(&self) -> String {
        match self {
            Server::Found { url } => format!("using the server at {}", place(url).unwrap_or("?")),
            Server::Own { url, .. } => format!("started a server of our own: {url}"),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Server::Own { keeper, .. } = self {
            drop(keeper.stdin.take());
            if let Err(error) = keeper.wait() {
                eprintln!("the PostgreSQL of the tests may still run: {error}");
            }
        }
    }
}

/// Finds or starts one; the error says why there is none.
pub fn provide() -> Result<Server, String> {
    let named = std::env::var(VARIABLE).ok().filter(|url| !url.is_empty());
    let url = named.clone().unwrap_or_else(|| DEFAULT_URL.to_owned());
    match probe(&url) {
        Probe::Open => return Ok(Server::Found { url }),
        Probe::AsksForPassword if named.is_some() => return Ok(Server::Found { url }),
        Probe::AsksForPassword | Probe::Nothing => {}
    }
    let binaries = match installed() {
        Some(binaries) => binaries,
        None => {
            program::apt_install("postgresql")?;
            installed().ok_or("the package brought no server")?
        }
    };
    start(&binaries)
}

enum Probe {
    Open,
    AsksForPassword,
    Nothing,
}

/// Asks for a session as the URL's user, as far as the server's first answer.
fn probe(url: &str) -> Probe {
    ask(url).unwrap_or(Probe::Nothing)
}

fn ask(url: &str) -> Option<Probe> {
    let place = place(url)?;
    let place = if place.contains(':') {
        place.to_owned()
    } else {
        format!("{place}:5432")
    };
    let address = place.to_socket_addrs().ok()?.next()?;
    let mut stream = TcpStream::connect_timeout(&address, PROBE_LIMIT).ok()?;
    stream.set_read_timeout(Some(PROBE_LIMIT)).ok()?;
    let user = user(url).unwrap_or("postgres");
    let mut startup = 196_608u32.to_be_bytes().to_vec();
    for text in ["user", user, "database", "postgres", ""] {
        startup.extend_from_slice(text.as_bytes());
        startup.push(0);
    }
    let length = u32::try_from(startup.len() + 4).ok()?;
    stream.write_all(&length.to_be_bytes()).ok()?;
    stream.write_all(&startup).ok()?;
    let mut head = [0; 9];
    stream.read_exact(&mut head).ok()?;
    // `R`, a length, and the kind of authentication: 0 means come in.
    match head {
        [b'R', _, _, _, _, 0, 0, 0, 0] => Some(Probe::Open),
        [b'R' | b'E', ..] => Some(Probe::AsksForPassword),
        _ => None,
    }
}

/// `host:port` of a URL.
fn place(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?']).next()?;
    authority.rsplit('@').next()
}

fn user(url: &str) -> Option<&str> {
    let authority = url.split_once("://")?.1.split(['/', '?']).next()?;
    let user = authority.rsplit_once('@')?.0;
    user.split(':').next()
}

/// The directory with `initdb` and `postgres`: Debian keeps it off the path.
fn installed() -> Option<PathBuf> {
    if let Some(initdb) = program::find("initdb") {
        return initdb.parent().map(Path::to_owned);
    }
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path().join("bin")))
        .filter(|bin| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .collect();
    versions.sort();
    versions.pop()
}

fn start(binaries: &Path) -> Result<Server, String> {
    let name = format!("gladhand-postgres-{}", std::process::id());
    let directory = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&directory).map_err(|error| error.to_string())?;
    let as_user = unprivileged(&directory)?;
    let cluster = directory.join("cluster");
    let made = program::succeed_quietly(
        command_as(&as_user, &binaries.join("initdb"))
            .current_dir(&directory)
            .arg("--pgdata")
            .arg(&cluster)
            .args(["--username", "postgres", "--auth", "trust"])
            .args(["--encoding", "UTF8", "--no-locale", "--no-sync"]),
    );
    if let Err(reason) = made {
        let _removed = std::fs::remove_dir_all(&directory);
        return Err(reason);
    }
    let port = free_port().map_err(|error| error.to_string())?;
    let mut arguments = as_user;
    arguments.push(binaries.join("postgres").display().to_string());
    arguments.extend(["-D".to_owned(), cluster.display().to_string()]);
    for setting in [
        "listen_addresses=127.0.0.1".to_owned(),
        format!("port={port}"),
        "unix_socket_directories=".to_owned(),
        "max_connections=200".to_owned(),
        "fsync=on".to_owned(),
    ] {
        arguments.extend(["-c".to_owned(), setting]);
    }
    let keeper = Command::new("sh")
        .args(["-c", KEEPER, "keeper"])
        .arg(&directory)
        .args(arguments)
        .current_dir(&directory)
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
    let server = Server::Own { url, keeper };
    await_start(&server, &directory)?;
    Ok(server)
}

fn await_start(server: &Server, directory: &Path) -> Result<(), String> {
    let begin = Instant::now();
    while !matches!(probe(server.url()), Probe::Open) {
        if begin.elapsed() > START_LIMIT {
            let log = std::fs::read_to_string(directory.join("log")).unwrap_or_default();
            return Err(format!("the server did not start:\n{log}"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// PostgreSQL refuses to run as root: the words before a command that make it the package's user,
/// to whom the directory is given.
fn unprivileged(directory: &Path) -> Result<Vec<String>, String> {
    if !program::is_root() {
        return Ok(Vec::new());
    }
    program::succeed_quietly(Command::new("chown").arg("postgres").arg(directory))?;
    let words = [
        "setpriv",
        "--reuid=postgres",
        "--regid=postgres",
        "--init-groups",
        "--",
    ];
    Ok(words.map(str::to_owned).to_vec())
}

fn command_as(as_user: &[String], binary: &Path) -> Command {
    match as_user {
        [] => Command::new(binary),
        [program, rest @ ..] => {
            let mut command = Command::new(program);
            command.args(rest).arg(binary);
            command
        }
    }
}

fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_gives_its_place_and_user() {
        let url = "postgres://fleet:p@ss@db.test:6432/x?sslmode=disable";
        assert_eq!(place(url), Some("db.test:6432"));
        assert_eq!(user(url), Some("fleet"));
        assert_eq!(place(DEFAULT_URL), Some("127.0.0.1:5432"));
        assert_eq!(user("postgres://127.0.0.1/x"), None);
    }
}
