//! The API over TLS.

use std::io::{BufRead, BufReader};
use std::process::Child;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::bed::TestBed;
use crate::scenario;

/// A server that is stopped with this value.
struct Server(Child, String);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn serve(bed: &TestBed) -> Server {
    let args =
        ["serve", "--listen", "127.0.0.1:0", "--tls-cert", "cert.pem", "--tls-key", "key.pem"];
    let mut child = bed.start(&[], &args);
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap()).read_line(&mut line).unwrap();
    let (_, rest) = line.split_once("https://").unwrap_or_else(|| panic!("{line}"));
    Server(child, rest.split_whitespace().next().unwrap().to_owned())
}

#[tokio::test]
async fn a_server_with_a_certificate_answers_those_who_trust_it() {
    let bed = scenario::bed();
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    bed.write("cert.pem", cert.pem());
    bed.write("key.pem", signing_key.serialize_pem());
    let server = serve(&bed);

    let mut trusted = RootCertStore::empty();
    trusted.add(cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    // One that never says what it wants keeps nobody else waiting.
    let _silent = TcpStream::connect(&server.1).await.unwrap();
    let stream = TcpStream::connect(&server.1).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    let request = b"GET /v1/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.ends_with("{\"status\":\"ok\",\"generation\":1}"), "{answer}");
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let bed = scenario::bed();
    let pair = || generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let (one, other) = (pair(), pair());
    bed.write("cert.pem", one.cert.pem());
    bed.write("key.pem", one.signing_key.serialize_pem());
    bed.write("other.pem", other.signing_key.serialize_pem());
    bed.write("empty.pem", "");
    let start = |cert: &str, key: &str| {
        bed.echolot(&["serve", "--listen", "127.0.0.1:0", "--tls-cert", cert, "--tls-key", key])
    };
    start("none.pem", "key.pem").fails_with(1, &["none.pem", "no usable certificate"]);
    start("empty.pem", "key.pem").fails_with(1, &["empty.pem", "no usable certificate"]);
    start("cert.pem", "empty.pem").fails_with(1, &["empty.pem", "no usable private key"]);
    start("cert.pem", "other.pem").fails_with(1, &["other.pem is not the key of cert.pem"]);
    bed.echolot(&["serve", "--tls-cert", "cert.pem"]).fails_with(2, &["--tls-key"]);
}
