//! Asking for applications, keys and the vault.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use model::{ApplicationId, KeyId};

use super::OutputArgs;

const APPLICATION_EXAMPLES: &str = "\
Examples:
  gladhand application set app_… --allow-origin https://app.example.com
  gladhand application set app_… --allow-redirect https://app.example.com/connected
  gladhand application set app_… --merge off

An origin is where pages are that open Link in a frame or a window; a redirect is where Link sends
browsers back to, and its query is free. Both are https, or http on localhost.";

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum EnvironmentArg {
    /// Keys are sk_prod_… and pk_prod_…
    #[default]
    Production,
    /// Keys are sk_sandbox_… and pk_sandbox_…
    Sandbox,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum MergeArg {
    /// It joins the connection that the account has
    On,
    /// It makes another connection
    Off,
    /// On in production, off in a sandbox
    Default,
}

#[derive(Debug, Subcommand)]
pub enum ApplicationCommand {
    /// Make an application
    Create {
        /// For people to tell applications apart
        name: String,
        /// What its keys name
        #[arg(long, value_enum, default_value_t)]
        environment: EnvironmentArg,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List applications
    List {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Show one application
    Show {
        #[arg(value_name = "app_…")]
        id: ApplicationId,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Change an application: its addresses, and what a second consent does
    #[command(after_help = APPLICATION_EXAMPLES)]
    Set(ApplicationSetArgs),
}

#[derive(Args, Debug)]
pub struct ApplicationSetArgs {
    #[arg(value_name = "app_…")]
    pub id: ApplicationId,
    /// What a second consent for an account does
    #[arg(long, value_enum)]
    pub merge: Option<MergeArg>,
    /// Pages of this origin may open Link; can be repeated
    #[arg(long, value_name = "URL")]
    pub allow_origin: Vec<String>,
    /// They may no longer; can be repeated
    #[arg(long, value_name = "URL")]
    pub remove_origin: Vec<String>,
    /// Link may send browsers to this address; can be repeated
    #[arg(long, value_name = "URL")]
    pub allow_redirect: Vec<String>,
    /// It may no longer; can be repeated
    #[arg(long, value_name = "URL")]
    pub remove_redirect: Vec<String>,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Args, Clone, Copy, Debug, Default)]
pub struct ApplicationArgs {
    /// Whose; needed only when there is more than one application
    #[arg(long, value_name = "app_…")]
    pub application: Option<ApplicationId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum KeyKindArg {
    /// sk_…: everything, for your servers only
    #[default]
    Secret,
    /// pk_…: opens the hosted Link page only
    Publishable,
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key. The text of a secret one is shown once and cannot be had again
    Create {
        #[command(flatten)]
        owner: ApplicationArgs,
        /// Kind of key
        #[arg(long, value_enum, default_value_t)]
        kind: KeyKindArg,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// List keys, revoked ones included; publishable ones with their texts
    List {
        #[command(flatten)]
        owner: ApplicationArgs,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Make a successor of a key, which is itself refused after the overlap
    Rotate {
        /// The key's id (not its text)
        #[arg(value_name = "key_…")]
        id: KeyId,
        /// For how long the old key is still good, such as 24h, 30m or 7d; 0 ends it at once
        #[arg(long, value_parser = duration, default_value = "24h", value_name = "TIME")]
        overlap: Duration,
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Revoke a key: it is refused from now on
    Revoke {
        /// The key's id (not its text)
        #[arg(value_name = "key_…")]
        id: KeyId,
        #[command(flatten)]
        output: OutputArgs,
    },
}

const MASTER_EXAMPLES: &str = "\
Examples:
  gladhand vault change-master --new-key-file /run/secrets/gladhand.key
  gladhand vault change-master --new-key-command 'pass show gladhand'

A key is 64 hexadecimal digits; a file that is not there is made. What is sealed stays readable
meanwhile. The next start needs the new key: the command says what to set. Keep the old one as long
as you keep backups that it opens.";

#[derive(Debug, Subcommand)]
pub enum VaultCommand {
    /// Make a new data key and seal everything anew by it, while everything goes on
    Rotate {
        #[command(flatten)]
        output: OutputArgs,
    },
    /// Seal the data keys by another master key
    #[command(after_help = MASTER_EXAMPLES)]
    ChangeMaster(ChangeMasterArgs),
    /// Show the keys: how old they are, and how much each seals
    Status {
        #[command(flatten)]
        output: OutputArgs,
    },
}

#[derive(Args, Debug)]
pub struct ChangeMasterArgs {
    #[command(flatten)]
    pub new_key: NewKeyArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Args, Debug)]
#[group(required = true, multiple = false)]
pub struct NewKeyArgs {
    /// The file that holds the new master key
    #[arg(long, value_name = "FILE")]
    pub new_key_file: Option<PathBuf>,
    /// A shell's command line that prints the new master key
    #[arg(long, value_name = "COMMAND")]
    pub new_key_command: Option<String>,
}

/// A whole number and its unit; 0 needs none.
fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, u64); 4] = [("s", 1), ("m", 60), ("h", 3_600), ("d", 86_400)];
    let seconds = match text {
        "0" => Some(0),
        text => UNITS.into_iter().find_map(|(unit, seconds)| {
            let number = text.strip_suffix(unit)?.parse::<u64>().ok()?;
            number.checked_mul(seconds)
        }),
    };
    seconds
        .map(Duration::from_secs)
        .ok_or_else(|| "wanted a number and s, m, h or d, such as 24h".to_owned())
}
