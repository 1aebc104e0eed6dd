//! `gladhand application`: owners of keys and connections.

use serde_json::json;

use crate::cli::{ApplicationCommand, SourceArgs};
use crate::error::CommandError;
use crate::operator::Operator;
use crate::output::{self, Column};

const COLUMNS: &[Column] = &[("id", "id"), ("name", "name"), ("created", "createdAt")];

pub async fn run(sources: &SourceArgs, command: ApplicationCommand) -> Result<(), CommandError> {
    let config = super::configuration(sources, Vec::new())?;
    let operator = Operator::connect(&config).await?;
    match command {
        ApplicationCommand::Create { name, output } => {
            let made = operator
                .post("/applications", &json!({"name": name}))
                .await?;
            output::block(output.format, &made, COLUMNS)
        }
        ApplicationCommand::List { output } => {
            let list = operator.get("/applications").await?;
            let nothing = "no application yet; make one: gladhand application create NAME";
            output::table(output.format, &list, COLUMNS, nothing)
        }
    }
}
