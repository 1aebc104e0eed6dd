//! The accept loop of every listener: who may connect, how long they may take, how it ends.
//!
//! A client costs little here until its request is complete, and none can keep a place for ever: a
//! request's head must come within its time and size, a connection that says nothing is closed, so
//! is one whose owner does not take the answer, and a body that does not come is an error to
//! whoever reads it. How large a body may be is the router's business, and so is how long an answer
//! takes. HTTP/1.1 without TLS: a proxy before it speaks whatever browsers speak.

mod stream;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tower::Service;

use stream::{Answer, PatientStream, Question, Turn};

/// What clients may take of a listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServeLimits {
    /// At once; others wait in the system's queue.
    pub connections: u32,
    /// Request line and headers; more, or more than 100 headers, is answered 431.
    pub head_bytes: usize,
    /// From the first byte of a request's head to its last.
    pub head: Duration,
    /// Of a request, from the first wait for it; what reads it fails after that.
    pub body: Duration,
    /// Without a request, before the first and between two.
    pub idle: Duration,
    /// Without one byte of the answer taken.
    pub stalled_answer: Duration,
}

impl Default for ServeLimits {
    fn default() -> ServeLimits {
        ServeLimits {
            connections: 4_096,
            head_bytes: 32 << 10,
            head: Duration::from_secs(10),
            body: Duration::from_secs(30),
            idle: Duration::from_secs(75),
            stalled_answer: Duration::from_secs(30),
        }
    }
}

/// Before another try when the system gives no more sockets: some connection must end first.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// Serves with the usual limits until `shutdown` completes; then requests under way are finished
/// and it returns. Handlers find the client's address as `ConnectInfo<SocketAddr>`.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    serve_within(listener, router, ServeLimits::default(), shutdown).await
}

/// [`serve`] with limits of one's own.
pub async fn serve_within(
    listener: TcpListener,
    router: Router,
    limits: ServeLimits,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Its routes are made once, and not for each request.
    let router: Router = router.with_state(());
    let places = Arc::new(Semaphore::new(limits.connections as usize));
    let (stop, stopped) = watch::channel(());
    let mut shutdown = pin!(shutdown);
    loop {
        let accepting = async {
            let place = Arc::clone(&places).acquire_owned().await;
            let place = place.expect("nobody closes the semaphore");
            (place, accepted(&listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            () = &mut shutdown => break,
            accepted = accepting => accepted,
        };
        let (router, stopped) = (router.clone(), stopped.clone());
        tokio::spawn(async move {
            connection(stream, peer, router, limits, stopped).await;
            drop(place);
        });
    }
    // Whoever still wants to connect is refused at once, and not left waiting in a queue.
    drop(listener);
    stop.send_replace(());
    let all = places.acquire_many(limits.connections).await;
    all.expect("nobody closes the semaphore").forget();
    Ok(())
}

async fn accepted(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_the_clients(&error) => {
                tracing::debug!(%error, "a client went away before it was accepted");
            }
            Err(error) => {
                tracing::error!(%error, "connections cannot be accepted; trying again");
                tokio::time::sleep(PAUSE_AFTER_ERROR).await;
            }
        }
    }
}

fn is_the_clients(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: ServeLimits,
    mut stopped: watch::Receiver<()>,
) {
    // Answers are written whole: waiting to fill a packet only delays their last one.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let turn = Turn::default();
    let stream = PatientStream::new(stream, turn.clone(), limits);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let answer_ends = turn.begin();
        let mut request = request.map(|body| Body::new(Question::new(body, limits)));
        request.extensions_mut().insert(ConnectInfo(peer));
        let answering = router.clone().call(request);
        async move {
            let answer = answering.await?;
            Ok::<_, Infallible>(answer.map(|body| Answer::new(body, answer_ends)))
        }
    });
    let mut serving = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            // Counts from the moment when the connection falls idle.
            .header_read_timeout(limits.idle)
            .max_header_size(limits.head_bytes)
            .serve_connection(TokioIo::new(stream), service)
    );
    let ended_by_itself = tokio::select! {
        ended = &mut serving => Some(ended),
        // An error means that the sender is gone, and that is a stop as well.
        _ = stopped.changed() => None,
    };
    let ended = match ended_by_itself {
        Some(ended) => ended,
        None => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

#[cfg(test)]
mod tests;
