//! `gladhand serve`: the server, until Ctrl-C or SIGTERM.

use crate::cli::{ServeArgs, SourceArgs};
use crate::config::Setting;
use crate::data_directory::DataDirectory;
use crate::error::CommandError;
use crate::instance::{Instance, Listeners};
use crate::{log, output, signals};

pub async fn run(sources: &SourceArgs, arguments: &ServeArgs) -> Result<(), CommandError> {
    let flags = [
        ("--listen", "server.listen", &arguments.listen),
        ("--link-listen", "link.listen", &arguments.link_listen),
    ];
    let settings = flags.into_iter().filter_map(|(flag, key, address)| {
        Some(Setting {
            flag: flag.to_owned(),
            key: key.to_owned(),
            text: address.clone()?,
        })
    });
    let config = super::configuration(sources, settings.collect())?;
    log::start(&config.log);
    let data = DataDirectory::open(&config.data.directory)?;
    let listeners = Listeners::bind(&config).await?;
    let address = listeners.server.local_addr().map_err(CommandError::Serve)?;
    let addresses = listeners.addresses(&config)?;
    let instance = Instance::open(&config, &data, &addresses).await?;
    instance.announce(&listeners)?;
    output::line(&format!("listening on http://{address}"))?;
    output::line(&format!("API          {}/tsp/v1", addresses.public_url))?;
    output::line(&format!("Link         {}", addresses.link_url))?;
    output::line(&format!("data         {}", data.path().display()))?;
    tracing::info!(%address, data = %data.path().display(), "serving");
    instance.serve(listeners, signals::stop_requested()).await?;
    tracing::info!("stopped");
    Ok(())
}
