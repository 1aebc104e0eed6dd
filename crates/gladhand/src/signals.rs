//! Ctrl-C and SIGTERM: the first asks for an orderly stop, the second ends the process at once.

/// Completes at the first signal.
pub async fn stop_requested() {
    one_signal().await;
    tokio::spawn(async {
        one_signal().await;
        eprintln!("stopped at once, on the second signal");
        // 128 + SIGINT, as shells report it.
        std::process::exit(130);
    });
}

#[cfg(unix)]
async fn one_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(error) => {
            tracing::warn!(%error, "SIGTERM cannot be waited for");
            let _interrupted = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn one_signal() {
    let _interrupted = tokio::signal::ctrl_c().await;
}
