//! `gladhand serve`: the server, until Ctrl-C or SIGTERM.

use crate::cli::{ServeArgs, SourceArgs};
use crate::config::Setting;
use crate::data_directory::DataDirectory;
use crate::error::CommandError;
use crate::instance::{self, Instance};
use crate::{log, output, signals};

pub async fn run(sources: &SourceArgs, arguments: &ServeArgs) -> Result<(), CommandError> {
    let listen = arguments.listen.iter().map(|address| Setting {
        flag: "--listen".to_owned(),
        key: "server.listen".to_owned(),
        text: address.clone(),
    });
    let config = super::configuration(sources, listen.collect())?;
    log::start(&config.log);
    let data = DataDirectory::open(&config.data.directory)?;
    let listener = instance::listen(config.server.listen).await?;
    let address = listener.local_addr().map_err(CommandError::Serve)?;
    let public_url = instance::public_url(&config, address);
    let instance = Instance::open(&config, &data, &public_url).await?;
    output::line(&format!("listening on http://{address}"))?;
    output::line(&format!("API          {public_url}/tsp/v1"))?;
    output::line(&format!("data         {}", data.path().display()))?;
    tracing::info!(%address, data = %data.path().display(), "serving");
    instance.serve(listener, signals::stop_requested()).await?;
    tracing::info!("stopped");
    Ok(())
}
