//! The server behind a socket: HTTP/1.1, plain or over TLS.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::serve::{Listener, ListenerExt};
use bytes::Bytes;
use futures_util::stream;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use world::Clock;

use crate::exchange::{ProviderServer, SimAnswer, SimRequest};
use crate::tls::TlsIdentity;

/// Of a request: questions are short.
const MOST_BODY_BYTES: usize = 1 << 20;
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Connections whose handshake is done and that nobody has taken up yet.
const WAITING_CONNECTIONS: usize = 64;

/// A running server. It stops when the handle is dropped, too, but then nobody waits for it.
#[derive(Debug)]
pub struct ServerHandle {
    address: SocketAddr,
    scheme: &'static str,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<io::Result<()>>,
}

impl ServerHandle {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:8931` or `https://…`, without a slash at the end.
    pub fn base_url(&self) -> String {
        format!("{}://{}", self.scheme, self.address)
    }

    /// Completes when requests that were under way are answered.
    pub async fn stop(mut self) -> io::Result<()> {
        if let Some(stop) = self.stop.take() {
            // A server that has ended by itself needs no telling.
            let _ = stop.send(());
        }
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

/// Listens on `address` (port 0: any free one).
pub async fn serve(
    address: SocketAddr,
    server: Arc<dyn ProviderServer>,
    clock: Arc<dyn Clock>,
    tls: Option<TlsIdentity>,
) -> io::Result<ServerHandle> {
    serve_on(TcpListener::bind(address).await?, server, clock, tls)
}

/// Answers on a listener that is there already.
pub fn serve_on(
    listener: TcpListener,
    server: Arc<dyn ProviderServer>,
    clock: Arc<dyn Clock>,
    tls: Option<TlsIdentity>,
) -> io::Result<ServerHandle> {
    let address = listener.local_addr()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let router = Router::new().fallback(move |request: Request| {
        let (server, clock) = (Arc::clone(&server), Arc::clone(&clock));
        async move { respond(server, clock, request).await }
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let until_stopped = async move {
        // A dropped handle stops the server as well.
        let _ = stopped.await;
    };
    let task = match tls {
        None => {
            let listener = listener.tap_io(no_delay);
            let serving = axum::serve(listener, router).with_graceful_shutdown(until_stopped);
            tokio::spawn(async move { serving.await })
        }
        Some(tls) => {
            let listener = TlsListener::start(listener, address, tls);
            let serving = axum::serve(listener, router).with_graceful_shutdown(until_stopped);
            tokio::spawn(async move { serving.await })
        }
    };
    Ok(ServerHandle {
        address,
        scheme,
        stop: Some(stop),
        task,
    })
}

fn no_delay(stream: &mut TcpStream) {
    // A socket that refuses is merely slower.
    let _ = stream.set_nodelay(true);
}

async fn respond(
    server: Arc<dyn ProviderServer>,
    clock: Arc<dyn Clock>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let text = |name: &HeaderName| parts.headers.get(name)?.to_str().ok().map(str::to_owned);
    let headers = parts.headers.keys();
    let mut read = SimRequest {
        method: parts.method.as_str().to_owned(),
        host: text(&header::HOST).unwrap_or_default(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: headers
            .filter_map(|name| Some((name.as_str().to_owned(), text(name)?)))
            .collect(),
        body: Bytes::new(),
    };
    // A body that breaks off is nobody's question.
    let Ok(body) = axum::body::to_bytes(body, MOST_BODY_BYTES).await else {
        let mut response = Response::new(Body::from("unreadable request"));
        *response.status_mut() = StatusCode::BAD_REQUEST;
        return response;
    };
    read.body = body;
    let now = clock.now();
    // A page of history is milliseconds of computing: not on the threads that serve sockets.
    let answered = tokio::task::spawn_blocking(move || server.answer(&read, now)).await;
    let Ok(answer) = answered else {
        let mut response = Response::new(Body::from("simulator failure"));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        return response;
    };
    if !answer.delay.is_zero() {
        clock.sleep(answer.delay).await;
    }
    response(answer)
}

fn response(answer: SimAnswer) -> Response {
    let announced = answer.body.len();
    let body = match answer.cut_after_bytes {
        None => Body::from(answer.body),
        Some(kept) => cut_body(answer.body.slice(..kept)),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    for (name, value) in &answer.headers {
        if let (Ok(name), Ok(value)) = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(value),
        ) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(announced));
    response
}

/// The start of a body and then an error, at which the connection is closed.
fn cut_body(start: Bytes) -> Body {
    let broken = io::Error::new(io::ErrorKind::ConnectionReset, "cut by the fault plan");
    Body::from_stream(stream::iter([Ok(start), Err(broken)]))
}

/// Hands out connections whose handshake is done; handshakes run beside each other, so that a
/// client that stalls in one holds up nobody.
struct TlsListener {
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    fn start(listener: TcpListener, address: SocketAddr, tls: TlsIdentity) -> TlsListener {
        let (done, ready) = mpsc::channel(WAITING_CONNECTIONS);
        let acceptor = TlsAcceptor::from(tls.config);
        let accepting = tokio::spawn(async move {
            let mut listener = listener;
            loop {
                let (mut stream, peer) = Listener::accept(&mut listener).await;
                no_delay(&mut stream);
                let (acceptor, done) = (acceptor.clone(), done.clone());
                tokio::spawn(async move {
                    let handshake = acceptor.accept(stream);
                    // A failed handshake is the client's to report; nobody here waits for it.
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await
                    {
                        let _ = done.send((stream, peer)).await;
                    }
                });
            }
        });
        TlsListener {
            ready,
            address,
            accepting,
        }
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            // The accepting task lives as long as this listener.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
