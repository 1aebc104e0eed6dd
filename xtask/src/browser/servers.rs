//! What the browser sees: the program as server with its Link page, and as every provider that can
//! be simulated, over one small fleet.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::program::{self, Running};

const SECRET: &str = "browser-token";
/// Lines of the simulator's greeting: each server's address, and the last one.
const LISTENING: &str = "listening on ";
const END_OF_GREETING: &str = "  gladhand serve";

pub struct Servers {
    _simulators: Running,
    _server: Running,
    binary: PathBuf,
    data: PathBuf,
    api_url: String,
    link_url: String,
    /// `SIMULATOR_GEOTAB_URL`, `SIMULATOR_GEOTAB_PASSWORD` and their like.
    simulated: Vec<(String, String)>,
    /// What the server said on standard error.
    pub log: PathBuf,
}

impl Servers {
    pub fn start(binary: &Path, work: &Path) -> Result<Servers, String> {
        // The simulators' apps must know where OAuth leads back to before anything listens there.
        let link = format!("127.0.0.1:{}", free_port()?);
        let link_url = format!("http://{link}");
        let (simulators, greeting) = simulators(binary, work, &link_url)?;
        let (data, log) = (work.join("data"), work.join("serve.log"));
        let said = File::create(&log).map_err(|error| error.to_string())?;
        let mut command = Command::new(binary);
        command
            .arg("--data")
            .arg(&data)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(["--set", &format!("link.listen={link}")])
            .args(["--set", &format!("link.base_url={link_url}")])
            .args(settings(&greeting))
            .current_dir(work)
            .stderr(said);
        let (server, lines) = program::start(&mut command)?;
        let said = lines.until(|line| line.starts_with("data "));
        let api_url = said.iter().find_map(|line| listening(line));
        let api_url = api_url.ok_or_else(|| format!("no server: see {}", log.display()))?;
        Ok(Servers {
            _simulators: simulators,
            _server: server,
            binary: binary.to_owned(),
            data,
            api_url,
            link_url,
            simulated: [addresses(&greeting), accounts(&greeting)].concat(),
            log,
        })
    }

    pub fn tell(&self, command: &mut Command) {
        command
            .env("PROGRAM", &self.binary)
            .env("SERVER_DATA", &self.data)
            .env("API_URL", &self.api_url)
            .env("LINK_URL", &self.link_url);
        for (name, value) in &self.simulated {
            command.env(name, value);
        }
    }
}

fn simulators(
    binary: &Path,
    work: &Path,
    link_url: &str,
) -> Result<(Running, Vec<String>), String> {
    let mut command = Command::new(binary);
    command
        .args(["simulate", "--provider", "all", "--port", "0"])
        .args(["--vehicles", "5", "--drivers", "6", "--days", "2"])
        .args(["--seed", "5", "--token", SECRET, "--link-url", link_url])
        .current_dir(work);
    let (process, lines) = program::start(&mut command)?;
    let greeting = lines.until(|line| line.starts_with(END_OF_GREETING));
    if !greeting
        .iter()
        .any(|line| line.starts_with(END_OF_GREETING))
    {
        return Err("the simulators ended before they were ready".to_owned());
    }
    Ok((process, greeting))
}

fn listening(line: &str) -> Option<String> {
    let rest = line.strip_prefix(LISTENING)?;
    rest.split_whitespace().next().map(str::to_owned)
}

/// The flags that the simulator says a server wants.
fn settings(greeting: &[String]) -> Vec<String> {
    let command = greeting.iter().find(|l| l.starts_with(END_OF_GREETING));
    let words = command.into_iter().flat_map(|line| line.split_whitespace());
    let flags = words.skip_while(|word| *word != "--set");
    flags.map(str::to_owned).collect()
}

/// `listening on http://127.0.0.1:1 as geotab`
fn addresses(greeting: &[String]) -> Vec<(String, String)> {
    let pair = |line: &String| {
        let (url, vendor) = line.strip_prefix(LISTENING)?.split_once(" as ")?;
        Some((variable(vendor, "url"), url.to_owned()))
    };
    greeting.iter().filter_map(pair).collect()
}

/// `geotab`, then lines such as `  password   a secret`, up to an empty one.
fn accounts(greeting: &[String]) -> Vec<(String, String)> {
    let mut accounts = Vec::new();
    let mut vendor = None;
    for line in greeting {
        let is_vendor = !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_lowercase());
        match line.strip_prefix("  ").zip(vendor) {
            Some((rest, vendor)) => accounts.extend(account(vendor, rest)),
            None => vendor = is_vendor.then_some(line.as_str()),
        }
    }
    accounts
}

fn account(vendor: &str, line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(char::is_whitespace)?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_name.then(|| (variable(vendor, name), value.trim().to_owned()))
}

fn variable(vendor: &str, name: &str) -> String {
    format!("SIMULATOR_{vendor}_{name}").to_ascii_uppercase()
}

/// Free a moment ago. Nobody else is likely to take it before the server does; if somebody does,
/// the server says so and ends.
fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    Ok(address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_gives_accounts_and_flags() {
        let greeting = "listening on http://127.0.0.1:1 as geotab\n\
            faults       none\n\
            \n\
            geotab\n  \
              username   a@b.test\n  \
              password   browser-token\n  \
              curl -s 'http://127.0.0.1:1'\n\
            \n\
            Then:\n  \
              gladhand serve --set providers.geotab.base_url=http://127.0.0.1:1 --set a.b=c";
        let greeting: Vec<String> = greeting.lines().map(str::to_owned).collect();
        assert_eq!(
            listening(&greeting[0]).as_deref(),
            Some("http://127.0.0.1:1")
        );
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            addresses(&greeting),
            [pair("SIMULATOR_GEOTAB_URL", "http://127.0.0.1:1")]
        );
        assert_eq!(
            accounts(&greeting)[..2],
            [
                pair("SIMULATOR_GEOTAB_USERNAME", "a@b.test"),
                pair("SIMULATOR_GEOTAB_PASSWORD", "browser-token"),
            ]
        );
        assert_eq!(
            settings(&greeting),
            [
                "--set",
                "providers.geotab.base_url=http://127.0.0.1:1",
                "--set",
                "a.b=c"
            ]
        );
    }
}
