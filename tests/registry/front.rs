//! Somebody else's TLS before a server that speaks plain http and knows nothing of it.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection};
use tempfile::TempDir;

use super::Certificate;
use crate::servers::http::Listener;

/// A port with TLS that passes all that it hears on to an address. It asks whoever comes for a certificate, and lets those
/// in who have none.
pub struct Front {
    listener: Listener,
    authority: Certificate,
    /// Whether somebody has shown a certificate.
    shown: Arc<AtomicBool>,
    /// The files of the certificates.
    root: TempDir,
}

impl Front {
    /// In front of `upstream`, `HOST:PORT`; `None` where OpenSSL is missing.
    pub fn start(upstream: &str) -> Option<Self> {
        let root = TempDir::with_prefix("modelbuild-front-").unwrap();
        let authority = Certificate::authority(root.path(), "authority")?;
        let server = authority.for_loopback(root.path())?;
        let certificate = CertificateDer::from_pem_file(server.certificate).unwrap();
        let key = PrivateKeyDer::from_pem_file(server.key).unwrap();
        let mut clients = RootCertStore::empty();
        let own = CertificateDer::from_pem_file(&authority.certificate).unwrap();
        clients.add(own).unwrap();
        let provider = Arc::new(ring::default_provider());
        let clients = WebPkiClientVerifier::builder_with_provider(Arc::new(clients), Arc::clone(&provider))
            .allow_unauthenticated()
            .build()
            .unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let (config, upstream) = (Arc::new(config), upstream.to_owned());
        let shown = Arc::<AtomicBool>::default();
        let listener = {
            let shown = Arc::clone(&shown);
            Listener::start(0, move |client, _| {
                // A connection that breaks is one of the sides' doing.
                drop(pass(client, &upstream, &config, &shown));
            })
        };
        Some(Self {
            listener,
            authority,
            shown,
            root,
        })
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        self.listener.address()
    }

    /// The certificate of the authority that vouches for it.
    pub fn authority(&self) -> PathBuf {
        Path::new(&self.authority.certificate).to_owned()
    }

    /// A key and a certificate that the same authority vouches for: its own.
    pub fn known(&self) -> Certificate {
        Certificate::at(self.root.path(), "server")
    }

    /// Whether anybody has shown a certificate.
    pub fn was_shown(&self) -> bool {
        self.shown.load(Ordering::Relaxed)
    }
}

/// Passes on what comes, both ways, until either side ends.
fn pass(mut client: &TcpStream, upstream: &str, config: &Arc<ServerConfig>, shown: &AtomicBool) -> io::Result<()> {
    let upstream = TcpStream::connect(upstream)?;
    let tls = Mutex::new(ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?);
    let mut buffer = vec![0; 64 << 10];
    thread::scope(|scope| {
        scope.spawn(|| {
            drop(answer(client, &upstream, &tls));
            drop(client.shutdown(Shutdown::Both));
        });
        let heard = loop {
            let mut read = match client.read(&mut buffer) {
                Ok(0) => break Ok(()),
                Ok(count) => &buffer[..count],
                Err(error) => break Err(error),
            };
            let mut plain = Vec::new();
            while !read.is_empty() {
                let mut tls = tls.lock().unwrap();
                tls.read_tls(&mut read)?;
                let state = tls.process_new_packets().map_err(io::Error::other)?;
                if tls.peer_certificates().is_some() {
                    shown.store(true, Ordering::Relaxed);
                }
                let begin = plain.len();
                plain.resize(begin + state.plaintext_bytes_to_read(), 0);
                tls.reader().read_exact(&mut plain[begin..])?;
                while tls.wants_write() {
                    tls.write_tls(&mut client)?;
                }
            }
            (&upstream).write_all(&plain)?;
        };
        drop(upstream.shutdown(Shutdown::Both));
        heard
    })
}

/// Passes on what the server says.
fn answer(mut client: &TcpStream, mut upstream: &TcpStream, tls: &Mutex<ServerConnection>) -> io::Result<()> {
    let mut buffer = vec![0; 32 << 10];
    loop {
        let count = upstream.read(&mut buffer)?;
        let mut tls = tls.lock().unwrap();
        if count == 0 {
            tls.send_close_notify();
        }
        tls.writer().write_all(&buffer[..count])?;
        while tls.wants_write() {
            tls.write_tls(&mut client)?;
        }
        if count == 0 {
            return Ok(());
        }
    }
}
