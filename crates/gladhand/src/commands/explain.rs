//! `gladhand explain`: how one finds out why a value came out as it did.

use std::io::Read;
use std::path::Path;

use model::{ConnectionId, IdSpace, Timestamp};
use provider::Answer;
use serde_json::value::RawValue;
use world::{Clock, SystemClock};

use crate::cli::ExplainArgs;
use crate::error::CommandError;
use crate::output;

/// A recorded sample: the body, and beside it where it came from.
#[derive(serde::Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    payload: &'a RawValue,
}

pub fn run(arguments: &ExplainArgs) -> Result<(), CommandError> {
    let provider = providers::find(&arguments.provider).ok_or_else(|| {
        let codes = providers::all()
            .iter()
            .map(|provider| provider.descriptor().code);
        let codes: Vec<&str> = codes.collect();
        CommandError::Usage(format!(
            "there is no provider {}; there are: {}",
            arguments.provider,
            codes.join(", ")
        ))
    })?;
    let text = read(&arguments.file)?;
    let body = if arguments.envelope {
        let envelope: Envelope<'_> =
            serde_json::from_slice(&text).map_err(|error| CommandError::File {
                path: arguments.file.display().to_string(),
                reason: format!("{error}; --envelope wants an object with a member \"payload\""),
            })?;
        envelope.payload.get().as_bytes()
    } else {
        &text
    };
    let answer = Answer {
        status: 200,
        headers: &[],
        body,
        received_at: SystemClock.now(),
    };
    let explained = provider::explain(provider, &arguments.stream, &answer, &nobody())?;
    let pretty = serde_json::to_string_pretty(&explained).expect("a JSON value becomes text");
    output::line(&pretty)
}

/// The file belongs to no connection: ids are computed for this one, the same at every call.
fn nobody() -> IdSpace {
    let created_at = Timestamp::from_millis(0);
    IdSpace {
        connection: ConnectionId::new(created_at, 0),
        created_at,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, CommandError> {
    if path == Path::new("-") {
        let mut text = Vec::new();
        std::io::stdin()
            .read_to_end(&mut text)
            .map_err(|error| CommandError::file(path, &error))?;
        return Ok(text);
    }
    std::fs::read(path).map_err(|error| CommandError::file(path, &error))
}
