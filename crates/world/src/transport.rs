//! The real transport: HTTP/1.1 over TCP and TLS.
//!
//! Bodies are asked for in gzip and kept as they came, because the raw log stores them that way.
//! Whatever a request's URL says, and whatever its name resolves to, one that may reach the public
//! internet only ends there ([`addresses`]). No proxies of the environment and no redirects: each
//! would be a way around that.

mod addresses;

use std::error::Error;
use std::io::Read;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::Url;

use crate::http::{
    Encoding, HttpAnswer, HttpRequest, Method, Reach, Sending, Transport, TransportError,
};
use addresses::{Lookup, NotPublic, PublicResolver, is_public, literal, system_lookup};

#[derive(Clone, Debug)]
pub struct RealTransportConfig {
    /// Stops an answer that grows beyond this, decompressed.
    pub max_body_bytes: u64,
    pub connect_timeout: Duration,
    /// Certificates (PEM) trusted beside the web's: a simulator's own authority, a proxy's.
    pub extra_roots_pem: Vec<String>,
    pub user_agent: String,
    /// Requests that may reach the public internet only are sent to any address.
    pub allow_private_addresses: bool,
}

impl Default for RealTransportConfig {
    fn default() -> RealTransportConfig {
        RealTransportConfig {
            max_body_bytes: 64 << 20,
            connect_timeout: Duration::from_secs(10),
            extra_roots_pem: Vec::new(),
            user_agent: concat!("gladhand/", env!("CARGO_PKG_VERSION")).to_owned(),
            allow_private_addresses: false,
        }
    }
}

pub struct RealTransport {
    anywhere: reqwest::Client,
    /// With connections of its own: one that reaches anywhere is never taken for one of these.
    public: reqwest::Client,
    allow_private_addresses: bool,
    max_body_bytes: u64,
}

impl RealTransport {
    pub fn new(config: RealTransportConfig) -> Result<RealTransport, TransportError> {
        RealTransport::with_lookup(config, system_lookup())
    }

    fn with_lookup(
        config: RealTransportConfig,
        lookup: Lookup,
    ) -> Result<RealTransport, TransportError> {
        let tls = tls_config(&config.extra_roots_pem)?;
        let builder = || {
            reqwest::Client::builder()
                .tls_backend_preconfigured(tls.clone())
                .redirect(reqwest::redirect::Policy::none())
                .connect_timeout(config.connect_timeout)
                .user_agent(&config.user_agent)
                .no_proxy()
        };
        let built = |builder: reqwest::ClientBuilder| {
            let reason = |error: reqwest::Error| error.to_string();
            builder.build().map_err(|error| TransportError::Unsendable {
                reason: reason(error),
            })
        };
        Ok(RealTransport {
            anywhere: built(builder())?,
            public: built(builder().dns_resolver(Arc::new(PublicResolver(lookup))))?,
            allow_private_addresses: config.allow_private_addresses,
            max_body_bytes: config.max_body_bytes,
        })
    }

    /// The client that sends to this URL.
    fn client(&self, url: &Url, reach: Reach) -> Result<&reqwest::Client, TransportError> {
        if reach == Reach::Anywhere || self.allow_private_addresses {
            return Ok(&self.anywhere);
        }
        match literal(url) {
            Some(address) if !is_public(address) => Err(TransportError::NotPublic {
                host: address.to_string(),
            }),
            _ => Ok(&self.public),
        }
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
        let url = Url::parse(&request.url).map_err(|error| TransportError::Unsendable {
            reason: format!("its URL: {error}"),
        });
        let ready = url.and_then(|url| {
            let client = self.client(&url, request.reach)?.clone();
            Ok((client, url))
        });
        let limit_bytes = self.max_body_bytes;
        Box::pin(async move {
            let (client, url) = ready?;
            let after = request.timeout;
            tokio::time::timeout(after, exchange(client, url, request, limit_bytes))
                .await
                .unwrap_or(Err(TransportError::TimedOut { after }))
        })
    }
}

async fn exchange(
    client: reqwest::Client,
    url: Url,
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
        .request(method, url)
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
    if let Some(refused) = causes(&error).find_map(|cause| cause.downcast_ref::<NotPublic>()) {
        return TransportError::NotPublic {
            host: refused.host.clone(),
        };
    }
    let reason = causes(&error)
        .last()
        .map_or_else(String::new, ToString::to_string);
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

/// An error and what is below it, to the deepest.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| cause.source())
}

#[cfg(test)]
mod tests;
