//! The real transport: HTTP/1.1 over TCP and TLS.
//!
//! Bodies are asked for in gzip and kept as they came, because the raw log stores them that way.

use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};

use crate::http::{Encoding, HttpAnswer, HttpRequest, Method, Sending, Transport, TransportError};

#[derive(Clone, Debug)]
pub struct RealTransportConfig {
    /// Stops an answer that grows beyond this, decompressed.
    pub max_body_bytes: u64,
    pub connect_timeout: Duration,
    /// Certificates (PEM) trusted beside the web's: a simulator's own authority, a proxy's.
    pub extra_roots_pem: Vec<String>,
    pub user_agent: String,
}

impl Default for RealTransportConfig {
    fn default() -> RealTransportConfig {
        RealTransportConfig {
            max_body_bytes: 64 << 20,
            connect_timeout: Duration::from_secs(10),
            extra_roots_pem: Vec::new(),
            user_agent: concat!("gladhand/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

pub struct RealTransport {
    client: reqwest::Client,
    max_body_bytes: u64,
}

impl RealTransport {
    pub fn new(config: RealTransportConfig) -> Result<RealTransport, TransportError> {
        let unsendable = |reason: String| TransportError::Unsendable { reason };
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls_config(&config.extra_roots_pem)?)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(config.connect_timeout)
            .user_agent(&config.user_agent);
        builder = builder.no_proxy();
        let client = builder
            .build()
            .map_err(|error| unsendable(error.to_string()))?;
        Ok(RealTransport {
            client,
            max_body_bytes: config.max_body_bytes,
        })
    }
}

fn tls_config(extra_roots_pem: &[String]) -> Result<rustls::ClientConfig, TransportError> {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;

    let unsendable = |reason: String| TransportError::Unsendable { reason };
    let mut roots = rustls::RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    for pem in extra_roots_pem {
        let certificate = CertificateDer::from_pem_slice(pem.as_bytes())
            .map_err(|error| unsendable(format!("extra root certificate: {error:?}")))?;
        roots
            .add(certificate)
            .map_err(|error| unsendable(error.to_string()))?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    Ok(rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| unsendable(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

impl Transport for RealTransport {
    fn send(&self, request: HttpRequest) -> Sending {
        let (client, limit_bytes) = (self.client.clone(), self.max_body_bytes);
        Box::pin(async move {
            let after = request.timeout;
            tokio::time::timeout(after, exchange(client, request, limit_bytes))
                .await
                .unwrap_or(Err(TransportError::TimedOut { after }))
        })
    }
}

async fn exchange(
    client: reqwest::Client,
    request: HttpRequest,
    limit_bytes: u64,
) -> Result<HttpAnswer, TransportError> {
    let method = match request.method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    };
    let mut builder = client
        .request(method, &request.url)
        .header("accept-encoding", "gzip");
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    if let Some(body) = request.body {
        builder = builder.body(body);
    }
    let mut response = builder.send().await.map_err(classify)?;
    let status = response.status().as_u16();
    let headers: Vec<(String, String)> = response
        .headers()
        .iter()
        .filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        })
        .collect();
    let mut wire_body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(classify)? {
        if (wire_body.len() + chunk.len()) as u64 > limit_bytes {
            return Err(TransportError::TooLarge { limit_bytes });
        }
        wire_body.extend_from_slice(&chunk);
    }
    let wire_body = wire_body.freeze();
    let is_gzip = headers
        .iter()
        .any(|(n, v)| n == "content-encoding" && v.contains("gzip"));
    let (encoding, body) = if is_gzip && !wire_body.is_empty() {
        (Encoding::Gzip, inflate(&wire_body, limit_bytes)?)
    } else {
        (Encoding::Identity, wire_body.clone())
    };
    Ok(HttpAnswer {
        status,
        headers,
        wire_body,
        encoding,
        body,
    })
}

/// Decompresses a gzip body, stopping at `limit_bytes`.
pub fn inflate(wire_body: &[u8], limit_bytes: u64) -> Result<Bytes, TransportError> {
    let mut body = Vec::with_capacity(wire_body.len().saturating_mul(6).min(16 << 20));
    flate2::read::MultiGzDecoder::new(wire_body)
        .take(limit_bytes + 1)
        .read_to_end(&mut body)
        .map_err(|error| TransportError::Interrupted {
            reason: error.to_string(),
        })?;
    if body.len() as u64 > limit_bytes {
        return Err(TransportError::TooLarge { limit_bytes });
    }
    Ok(body.into())
}

fn classify(error: reqwest::Error) -> TransportError {
    // A reqwest error may name the URL; the URL is the caller's to show or not.
    let error = error.without_url();
    let reason = deepest(&error);
    if error.is_timeout() {
        TransportError::Connect {
            reason: format!("timed out: {reason}"),
        }
    } else if error.is_connect() {
        TransportError::Connect { reason }
    } else if error.is_builder() {
        TransportError::Unsendable { reason }
    } else {
        TransportError::Interrupted { reason }
    }
}

fn deepest(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::Reach;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Answers one request with `answer`, and gives back what was asked.
    async fn answer_one(listener: TcpListener, answer: &'static str) -> String {
        let (mut stream, _) = listener.accept().await.expect("somebody connects");
        let mut asked = Vec::new();
        let mut part = [0; 1_024];
        while !asked.ends_with(b"the body") {
            let length = stream.read(&mut part).await.expect("a request comes");
            assert!(length > 0, "the request ended early");
            asked.extend_from_slice(&part[..length]);
        }
        let written = stream.write_all(answer.as_bytes()).await;
        written.expect("the answer is taken");
        String::from_utf8(asked).expect("text")
    }

    #[tokio::test]
    async fn every_method_goes_out_and_redirects_come_back_as_they_are() {
        let transport = RealTransport::new(RealTransportConfig::default()).expect("a client");
        for method in Method::ALL {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("bound");
            let redirect = "HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\n\
                 content-length: 0\r\nconnection: close\r\n\r\n";
            let server = tokio::spawn(answer_one(listener, redirect));
            let answer = transport
                .send(HttpRequest {
                    method,
                    url: format!("http://{address}/here?a=1"),
                    headers: vec![("x-own".to_owned(), "1".to_owned())],
                    body: Some(Bytes::from_static(b"the body")),
                    timeout: Duration::from_secs(10),
                    reach: Reach::Anywhere,
                })
                .await
                .expect("an answer");
            assert_eq!(answer.status, 307);
            assert_eq!(answer.header("location"), Some("/elsewhere"));
            let asked = server.await.expect("it answers once");
            let line = format!("{} /here?a=1 HTTP/1.1\r\n", method.name());
            assert!(asked.starts_with(&line), "{asked}");
            assert!(asked.contains("x-own: 1"), "{asked}");
        }
    }
}
