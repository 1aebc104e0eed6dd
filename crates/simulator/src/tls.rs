//! A certificate authority of its own, made at every start: a client that shall trust the simulator
//! is given the authority's certificate, and nothing else ever trusts it.

use std::fmt;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose,
};
use tokio_rustls::rustls;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the certificates cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    #[error("the certificates cannot be used: {0}")]
    Configuration(#[from] rustls::Error),
}

/// An authority and a server certificate that it signed.
#[derive(Clone)]
pub struct TlsIdentity {
    authority_pem: String,
    pub(crate) config: Arc<rustls::ServerConfig>,
}

impl TlsIdentity {
    /// `names`: the host names and addresses under which clients reach the server.
    pub fn generate<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<TlsIdentity, TlsError> {
        let names: Vec<String> = names.into_iter().map(str::to_owned).collect();
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        authority
            .distinguished_name
            .push(DnType::CommonName, "Gladhand simulator authority");
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

        let key = KeyPair::generate()?;
        let mut leaf = CertificateParams::new(names)?;
        // Python from 3.13 on refuses certificates without.
        leaf.use_authority_key_identifier_extension = true;
        leaf.distinguished_name
            .push(DnType::CommonName, "Gladhand simulator");
        let leaf = leaf.signed_by(&key, &authority)?;

        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![leaf.der().clone()], private)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(TlsIdentity {
            authority_pem: authority.pem(),
            config: Arc::new(config),
        })
    }

    /// The authority's certificate, for clients to trust.
    pub fn authority_pem(&self) -> &str {
        &self.authority_pem
    }
}

impl fmt::Debug for TlsIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsIdentity").finish_non_exhaustive()
    }
}
