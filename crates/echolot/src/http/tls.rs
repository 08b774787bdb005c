//! TLS: the same API, for those who can listen on the way.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::server::TlsStream;

/// How long a client may take to agree on a secret.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Clients that agree on a secret at the same time; others wait to be accepted.
const MAX_HANDSHAKES: usize = 256;

/// Reads the certificates and the key of a server from PEM files.
///
/// # Errors
/// When a file cannot be read or holds no such thing, or when the two do not
/// belong together; the message names the file.
pub(super) fn acceptor(certificates: &Path, key: &Path) -> anyhow::Result<TlsAcceptor> {
    let unusable = |path: &Path, what: &str| {
        format!("{}: there is no usable {what} in it; it must be a PEM file", path.display())
    };
    let chain = CertificateDer::pem_file_iter(certificates)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| unusable(certificates, "certificate"))?;
    anyhow::ensure!(!chain.is_empty(), unusable(certificates, "certificate"));
    let private =
        PrivateKeyDer::from_pem_file(key).with_context(|| unusable(key, "private key"))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .with_context(|| {
            format!("{} is not the key of {}", key.display(), certificates.display())
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts connections and hands them over once a secret is agreed on, so that
/// a client which takes its time keeps nobody waiting.
pub(super) struct TlsListener {
    address: SocketAddr,
    agreed: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    accepting: JoinHandle<()>,
}

impl TlsListener {
    pub(super) fn new(listener: TcpListener, acceptor: TlsAcceptor) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, agreed) = mpsc::channel(1);
        let accepting = tokio::spawn(accept_all(listener, acceptor, sender));
        Ok(Self { address, agreed, accepting })
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept_all(
    mut listener: TcpListener,
    acceptor: TlsAcceptor,
    sender: mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>,
) {
    let room = Arc::new(Semaphore::new(MAX_HANDSHAKES));
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        // What goes wrong with accepting is waited out there.
        let (stream, client) = Listener::accept(&mut listener).await;
        let (acceptor, sender) = (acceptor.clone(), sender.clone());
        tokio::spawn(async move {
            match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    sender.send((stream, client)).await.ok();
                }
                Ok(Err(error)) => tracing::debug!(%error, %client, "no secret was agreed on"),
                Err(_) => tracing::debug!(%client, "it took too long to agree on a secret"),
            }
            drop(place);
        });
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.agreed.recv().await {
            Some(connection) => connection,
            // Accepting ends only with this value.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}
