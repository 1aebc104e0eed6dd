//! The real program in a process of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use world::{HttpRequest, Method, Reach, RealTransport, RealTransportConfig, Transport};

/// The `gladhand` program and the data directory that it is started on.
pub struct Program {
    pub binary: PathBuf,
    pub data: PathBuf,
    /// Given to every server as `--set`.
    pub settings: Vec<String>,
}

impl Program {
    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg("--data").arg(&self.data).env_clear();
        command
    }

    /// Starts a server on a free port and waits until it says where it listens.
    pub fn serve(&self) -> Server {
        let mut command = self.command();
        for setting in &self.settings {
            command.args(["--set", setting]);
        }
        command.args(["serve", "--listen", "127.0.0.1:0"]);
        command.args(["--link-listen", "127.0.0.1:0"]);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it was piped"));
        let mut first = String::new();
        lines.read_line(&mut first).expect("the server speaks");
        let address = first.trim().strip_prefix("listening on ");
        let base_url = address
            .unwrap_or_else(|| panic!("the server said {first:?}"))
            .to_owned();
        Server {
            child,
            base_url,
            _lines: lines,
        }
    }

    /// Runs an operator's command to its end; what it prints as JSON.
    pub fn run(&self, arguments: &[&str]) -> Value {
        let output = self
            .command()
            .args(arguments)
            .args(["--format", "json"])
            .output()
            .expect("the program starts");
        assert!(
            output.status.success(),
            "gladhand {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).expect("it prints JSON")
    }
}

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub base_url: String,
    /// Kept open: a server whose standard output is closed could not say anything more.
    _lines: BufReader<std::process::ChildStdout>,
}

impl Server {
    /// SIGKILL: nothing of it runs any more.
    pub fn kill(mut self) {
        self.child.kill().expect("the server was running");
        self.child.wait().expect("a killed process ends");
    }

    /// SIGTERM, and the end that it comes to by itself.
    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill runs");
        assert!(sent.success(), "the server was running");
        let status = self.child.wait().expect("it ends");
        assert!(
            status.success(),
            "a graceful stop ends well, not with {status}"
        );
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Either it was stopped already, or a failing test leaves it behind: then it must go.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks the running server's public API.
pub struct PublicApi {
    transport: RealTransport,
    pub secret_key: String,
    pub connection_token: String,
}

impl PublicApi {
    pub fn new(secret_key: &str, connection_token: &str) -> PublicApi {
        let transport =
            RealTransport::new(RealTransportConfig::default()).expect("a transport is made");
        PublicApi {
            transport,
            secret_key: secret_key.to_owned(),
            connection_token: connection_token.to_owned(),
        }
    }

    /// The status and the body as JSON.
    pub async fn call(&self, method: Method, url: String, body: Option<&str>) -> (u16, Value) {
        let headers = [
            ("authorization", format!("Bearer {}", self.secret_key)),
            ("connection-token", self.connection_token.clone()),
            ("content-type", "application/json".to_owned()),
        ];
        let request = HttpRequest {
            method,
            url,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value))
                .to_vec(),
            body: body.map(|body| body.to_owned().into()),
            timeout: Duration::from_secs(30),
            reach: Reach::Anywhere,
        };
        let answer = self
            .transport
            .send(request)
            .await
            .expect("the server answers");
        let body = serde_json::from_slice(&answer.body).unwrap_or(Value::Null);
        (answer.status, body)
    }
}

/// Between two looks at a condition.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// A minute's worth of looks.
const MOST_LOOKS: u32 = 12_000;

/// Waits for a condition, looking every few milliseconds, for about a minute at most.
pub async fn wait_until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    for _ in 0..MOST_LOOKS {
        if condition().await {
            return;
        }
        looks.tick().await;
    }
    panic!("waited in vain for {what}");
}
