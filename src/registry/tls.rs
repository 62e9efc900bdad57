use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use fs_err as fs;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore, SignatureScheme,
};
use rustls_platform_verifier::Verifier;

use super::Error;
use super::settings::HostSettings;

/// How TLS is spoken with one registry, and with where it redirects to. The files of `settings` are read now; the
/// system's authorities (`SSL_CERT_FILE`) when a server first shows a certificate: a machine that has none, as slim
/// containers do, can still reach registries that speak plain HTTP.
pub fn config(settings: &HostSettings) -> Result<ClientConfig, Error> {
    let provider = Arc::new(ring::default_provider());
    let own = match &settings.ca_file {
        Some(path) => authorities(path)?,
        None => Vec::new(),
    };
    let trust = Trust {
        blindly: settings.insecure,
        own,
        provider: provider.clone(),
        verifier: OnceLock::new(),
    };
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::System(std::io::Error::other(error).into()))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(trust));
    let mut config = match &settings.client_cert {
        Some(path) => {
            let (certificates, key) = identity(path, settings.client_key.as_deref())?;
            builder
                .with_client_auth_cert(certificates, key)
                .map_err(|error| unusable(path, &error))?
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// The authorities of a file, each of which is one.
fn authorities(path: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let authorities = certificates(path, &read(path)?)?;
    if authorities.is_empty() {
        return Err(unusable(path, &"there is no certificate in it (PEM)"));
    }
    let mut store = RootCertStore::empty();
    for authority in &authorities {
        store.add(authority.clone()).map_err(|error| unusable(path, &error))?;
    }
    Ok(authorities)
}

/// The client's own certificate and those between it and its authority, and its key.
fn identity(path: &Path, key: Option<&Path>) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
    let mut pem = read(path)?;
    if let Some(key) = key {
        pem.push(b'\n');
        pem.extend(read(key)?);
    }
    let certificates = certificates(path, &pem)?;
    match PrivateKeyDer::from_pem_slice(&pem) {
        Ok(key) if !certificates.is_empty() => Ok((certificates, key)),
        _ => Err(unusable(path, &"there is no certificate with its key in it (PEM)")),
    }
}

fn certificates(path: &Path, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
    CertificateDer::pem_slice_iter(pem)
        .collect::<Result<_, _>>()
        .map_err(|error| unusable(path, &error))
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|error| {
        match error.kind() {
            // Without the path, which the message has.
            ErrorKind::NotFound => unusable(path, &"it does not exist"),
            ErrorKind::IsADirectory => unusable(path, &"it is a directory"),
            ErrorKind::PermissionDenied => unusable(path, &"permission denied"),
            _ => unusable(path, &error),
        }
    })
}

fn unusable(path: &Path, why: &dyn std::fmt::Display) -> Error {
    let why = why.to_string();
    Error::Certificate {
        path: path.to_owned(),
        // As rustls-webpki has it.
        is_old: why.contains("UnsupportedCertVersion"),
        why,
    }
}

/// Whose certificates are believed.
#[derive(Debug)]
struct Trust {
    /// Anybody's.
    blindly: bool,
    /// Authorities beside the system's.
    own: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
    /// There is none before a server has shown a certificate.
    verifier: OnceLock<Option<Verifier>>,
}

impl Trust {
    fn verifier(&self) -> Result<&Verifier, TlsError> {
        let load = || Verifier::new_with_extra_roots(self.own.iter().cloned(), self.provider.clone()).ok();
        self.verifier.get_or_init(load).as_ref().ok_or_else(|| {
            TlsError::General("this machine has no certificates of authorities (package `ca-certificates`)".to_owned())
        })
    }
}

/// Whether a certificate is refused because it is one of an authority: `openssl req -x509` makes those for servers, too,
/// and who is given one to believe, and sees the very same, need not ask what else it is for.
fn is_authority(error: &TlsError) -> bool {
    matches!(error, TlsError::InvalidCertificate(CertificateError::Other(why)) if why.to_string().contains("CaUsedAsEndEntity"))
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        if self.blindly {
            return Ok(ServerCertVerified::assertion());
        }
        match self
            .verifier()?
            .verify_server_cert(certificate, between, name, ocsp, now)
        {
            // It is in date, which is looked at first.
            Err(error) if is_authority(&error) && self.own.contains(certificate) => {
                verify_server_name(&ParsedCertificate::try_from(certificate)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        if self.blindly {
            // Certificates that a library calls malformed are trusted too.
            return Ok(HandshakeSignatureValid::assertion());
        }
        self.verifier()?.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        if self.blindly {
            return Ok(HandshakeSignatureValid::assertion());
        }
        self.verifier()?.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
