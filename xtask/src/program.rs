//! Running other programs.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

/// Runs to the end with the terminal's own output; an error unless it succeeds.
pub fn succeed(command: &mut Command) -> Result<(), String> {
    let shown = shown(command);
    let status = command
        .status()
        .map_err(|error| format!("cannot start {shown}: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{shown}: {status}"))
    }
}

/// Runs in silence; what it said is in the error when it fails.
pub fn succeed_quietly(command: &mut Command) -> Result<String, String> {
    let shown = shown(command);
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("cannot start {shown}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let last: Vec<&str> = said.trim().lines().rev().take(15).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    Err(format!("{shown}: {}\n{}", output.status, last.join("\n")))
}

fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or_default().to_string_lossy();
    let arguments: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
    format!("`{name} {}`", arguments.join(" "))
}

/// The first file of this name on `PATH`.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|directory| directory.join(name))
        .find(|file| file.is_file())
}

pub fn is_root() -> bool {
    let mut id = Command::new("id");
    succeed_quietly(id.arg("-u")).is_ok_and(|user| user.trim() == "0")
}

/// Installs a Debian package, where that is possible and allowed.
pub fn apt_install(package: &str) -> Result<(), String> {
    if find("apt-get").is_none() || !is_root() {
        return Err(format!(
            "installing {package} needs Debian and root; install it by hand"
        ));
    }
    println!("installing Debian's {package}");
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command
            .args(["-qq", "-o", "Dpkg::Use-Pty=0"])
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        succeed_quietly(&mut command)
    };
    // The lists may be absent (a container) or merely old: try without fetching them first.
    if apt(&["install", "--yes", "--no-install-recommends", package]).is_err() {
        apt(&["update"])?;
        apt(&["install", "--yes", "--no-install-recommends", package])?;
    }
    Ok(())
}

/// A program that is killed when this goes out of scope.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to kill.
        if self.0.kill().is_ok() {
            let _status = self.0.wait();
        }
    }
}

/// What a started program says on its standard output.
pub struct Lines(BufReader<ChildStdout>);

impl Lines {
    /// The lines up to the first that is `last`, or all there are. The rest is read on in the
    /// background, or the program would stand still once the pipe is full.
    pub fn until(self, last: impl Fn(&str) -> bool) -> Vec<String> {
        let mut lines = self.0.lines().map_while(Result::ok);
        let mut read = Vec::new();
        for line in lines.by_ref() {
            let is_last = last(&line);
            read.push(line);
            if is_last {
                break;
            }
        }
        std::thread::spawn(move || lines.for_each(drop));
        read
    }
}

/// Starts a program that goes on beside this one.
pub fn start(command: &mut Command) -> Result<(Running, Lines), String> {
    let shown = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot start {shown}: {error}"))?;
    let stdout = child.stdout.take().expect("piped above");
    Ok((Running(child), Lines(BufReader::new(stdout))))
}
