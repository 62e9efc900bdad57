//! A proxy as environments name one: CONNECT for TLS, requests with whole addresses for plain http (RFC 9110, 9.3.6, and
//! RFC 9112, 3.2.2). Whatever host is asked for, it leads to one server, so that a name does that nobody resolves.

use std::io::{self, BufReader, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use super::http::{Listener, Request};
use super::record::Record;

/// A running proxy.
pub struct Forward {
    listener: Listener,
    /// What it was asked, one request for each connection.
    pub record: Arc<Record>,
}

impl Forward {
    /// In front of `upstream`, `HOST:PORT`.
    pub fn start(upstream: &str) -> Self {
        let upstream = upstream.to_owned();
        Self::with(move |client, record| pass(client, record, &upstream))
    }

    /// One that answers whatever it is asked with `status`.
    pub fn refusing(status: u16) -> Self {
        Self::with(move |client, record| refuse(client, record, status))
    }

    fn with(answer: impl Fn(&TcpStream, &Record) -> io::Result<()> + Send + Sync + 'static) -> Self {
        let record = Arc::<Record>::default();
        let listener = {
            let record = Arc::clone(&record);
            Listener::start(0, move |client, _| {
                // A connection that breaks is the client's doing.
                drop(answer(client, &record));
            })
        };
        Self { listener, record }
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        self.listener.address()
    }
}

fn refuse(mut client: &TcpStream, record: &Record, status: u16) -> io::Result<()> {
    let Some(request) = Request::read(&mut BufReader::new(client))? else {
        return Ok(());
    };
    record.add(&request).status.store(status, Ordering::Relaxed);
    write!(
        client,
        "HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )?;
    client.shutdown(Shutdown::Write)
}

fn pass(mut client: &TcpStream, record: &Record, upstream: &str) -> io::Result<()> {
    let mut reader = BufReader::new(client);
    let Some(mut request) = Request::read(&mut reader)? else {
        return Ok(());
    };
    let entry = record.add(&request);
    let mut server = &TcpStream::connect(upstream)?;
    if request.method == "CONNECT" {
        entry.status.store(200, Ordering::Relaxed);
        client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
    } else {
        // `http://HOST/PATH`
        let path = request.target.splitn(4, '/').nth(3).unwrap_or_default();
        request.target = format!("/{path}");
        request.headers.remove("Proxy-Authorization");
        request.headers.set("Connection", "close");
        server.write_all(&request.to_bytes())?;
    }
    thread::scope(|scope| {
        scope.spawn(move || {
            // Whichever side ends, the other one is told.
            drop(io::copy(&mut reader, &mut server));
            drop(server.shutdown(Shutdown::Write));
        });
        drop(io::copy(&mut server, &mut client));
        client.shutdown(Shutdown::Both)
    })
}
