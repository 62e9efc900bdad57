//! One request through the proxy: read, passed on, answered, with the faults of the rule that applies.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use rustix::net::sockopt::set_socket_linger;

use super::origin::Origin;
use super::pipe::Pipe;
use super::rule::{End, Fault, Way};
use crate::servers::http::{Body, Framing, Received, Reply, Request, Response, Stop, respond};
use crate::servers::record::Entry;

pub struct Relay<'a> {
    pub client: &'a TcpStream,
    pub upstream: &'a str,
    pub origin: &'a Origin,
    pub stop: &'a Stop,
    pub entry: &'a Entry,
    pub request: &'a Request,
    pub faults: &'a [Fault],
}

/// The connection to the server.
struct Line<'a> {
    upstream: &'a TcpStream,
    /// Whether a fault has ended the body that goes up.
    is_cut: AtomicBool,
}

/// How long a server that was cut off may take to close, too: one that never does is not waited for.
const NOTICED: Duration = Duration::from_secs(20);

impl Relay<'_> {
    /// Whether the client's connection is good for another request.
    pub fn run(&self, mut body: Body<'_>) -> io::Result<bool> {
        for fault in self.faults {
            let reply = match fault {
                Fault::Delay(time) => {
                    self.stop.pause(*time);
                    continue;
                }
                Fault::Meet(meeting) if meeting.join() => continue,
                Fault::Meet(_) => Reply::new(400).bytes("nobody else came\n"),
                Fault::Redirect => Reply::new(307).header("Location", self.origin.location(self.request)),
                Fault::Answer {
                    status,
                    retry_after,
                    body,
                } => {
                    let reply = Reply::new(*status).bytes(body.as_str());
                    match retry_after {
                        Some(time) => reply.header("Retry-After", time),
                        None => reply,
                    }
                }
                _ => continue,
            };
            return respond(self.client, self.request, &mut body, self.entry, reply);
        }
        let upstream = TcpStream::connect(self.upstream)?;
        upstream.set_nodelay(true)?;
        body.invite()?;
        // The answer may come before the body went: to a request that the server refuses at once.
        let line = &Line {
            upstream: &upstream,
            is_cut: AtomicBool::new(false),
        };
        let (listening, over) = mpsc::channel();
        thread::scope(|scope| {
            let body = &mut body;
            let upload = scope.spawn(move || self.send(line, &over, body));
            let answered = self.receive(line, || upload.is_finished());
            drop(listening);
            if !matches!(answered, Ok(true)) {
                // Ends a body that is still on its way, once the client had time to read the answer.
                drop(upstream.shutdown(Shutdown::Both));
                if answered.is_ok() {
                    drop(self.client.shutdown(Shutdown::Write));
                    drop(self.client.set_read_timeout(Some(Duration::from_secs(2))));
                }
            }
            let sent = upload.join().unwrap_or(Ok(false));
            Ok(answered? && sent?)
        })
    }

    /// Passes the request up; whether all of it went. The server is listened to until `over` says otherwise.
    fn send(&self, line: &Line<'_>, over: &Receiver<()>, body: &mut Body<'_>) -> io::Result<bool> {
        let mut upstream = line.upstream;
        let mut head = self.request.clone();
        head.headers.remove("Expect");
        head.headers.set("Connection", "close");
        if self.has(|fault| matches!(fault, Fault::IgnoreRange)) {
            head.headers.remove("Range");
        }
        upstream.write_all(&head.to_bytes())?;
        let framing = Framing::of_request(&head.headers);
        if framing == Framing::Length(0) {
            return Ok(true);
        }
        match self.pipe(Way::Up, framing).pass(body, &mut upstream) {
            Ok(None) => Ok(true),
            Ok(Some(end)) => {
                // Whoever hears of the cut may ask the server at once how much has arrived: it is to know that first.
                line.is_cut.store(true, Ordering::SeqCst);
                upstream.shutdown(Shutdown::Write)?;
                let _ = over.recv_timeout(NOTICED);
                self.end(end, upstream)?;
                Ok(false)
            }
            Err(_) => {
                // Which side broke is not told apart. If it was the server's, the client sends on until it has read the
                // answer; if it was the client's, the server must see that the body is not whole.
                if self.entry.status() == 0 {
                    drop(upstream.shutdown(Shutdown::Write));
                }
                io::copy(&mut body.take(64 << 20), &mut io::sink())?;
                Ok(false)
            }
        }
    }

    /// Passes the answer down; whether the client's connection is good for another request.
    fn receive(&self, line: &Line<'_>, all_sent: impl Fn() -> bool) -> io::Result<bool> {
        let upstream = line.upstream;
        let mut reader = BufReader::with_capacity(64 << 10, upstream);
        let mut response = Response::read(&mut reader)?;
        if line.is_cut.load(Ordering::SeqCst) {
            // That is for nobody any more.
            io::copy(&mut reader, &mut io::sink())?;
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        let mut framing = Framing::of_response(&response.headers);
        if self.request.method == "HEAD" || matches!(response.status, 204 | 304) {
            framing = Framing::Length(0);
        }
        let ignored = Received::default();
        let mut body = Body::new(&mut reader, framing, &ignored);
        if self.has(|fault| matches!(fault, Fault::LoseAnswer)) {
            io::copy(&mut body, &mut io::sink())?;
            self.client.shutdown(Shutdown::Both)?;
            return Ok(false);
        }
        for fault in self.faults {
            match fault {
                Fault::Location(location) => response.headers.set("Location", location),
                Fault::Elsewhere(address) => {
                    let there = response.headers.get("Location").unwrap_or_default();
                    let location = self.origin.instead_of(there, self.request, address.as_deref());
                    response.headers.set("Location", location);
                }
                Fault::Cookie(cookie) => response.headers.set("Set-Cookie", cookie),
                Fault::Digest(digest) => response.headers.set("Docker-Content-Digest", digest),
                _ => {}
            }
        }
        let shortest = self.faults.iter().find_map(|fault| match fault {
            Fault::Shorten(to) => Some(*to),
            _ => None,
        });
        framing = match (framing, shortest) {
            (Framing::Length(length), Some(to)) if length > 0 => {
                response.headers.set("Content-Length", length.min(to).to_string());
                Framing::Length(length.min(to))
            }
            (Framing::Length(_), _) => framing,
            _ => {
                response.headers.set("Transfer-Encoding", "chunked");
                Framing::Chunked
            }
        };
        // The server hears of the request's end no later than it answers, unless it does not want to.
        let open = all_sent() && !self.request.headers.lists("Connection", "close");
        response.headers.remove("Connection");
        if !open {
            response.headers.set("Connection", "close");
        }
        self.entry.status.store(response.status, Ordering::Relaxed);
        let mut client = self.client;
        client.write_all(&response.to_bytes())?;
        if framing == Framing::Length(0) {
            return Ok(open);
        }
        let mut counted = Counted(client, &self.entry.sent);
        let ended = self
            .pipe(Way::Down, framing)
            .pass(&mut body.take(shortest.unwrap_or(u64::MAX)), &mut counted)?;
        if let Some(end) = ended {
            self.end(end, upstream)?;
        }
        Ok(open && ended.is_none())
    }

    fn pipe(&self, way: Way, framing: Framing) -> Pipe<'_> {
        Pipe {
            way,
            faults: self.faults,
            stop: self.stop,
            framing,
        }
    }

    fn has(&self, wanted: impl Fn(&Fault) -> bool) -> bool {
        self.faults.iter().any(wanted)
    }

    /// Ends both sides' connections.
    fn end(&self, end: End, upstream: &TcpStream) -> io::Result<()> {
        if end == End::Reset {
            // A reset takes away what the client has not read yet; what was to pass is to arrive.
            self.stop.pause(Duration::from_millis(50));
        }
        for stream in [self.client, upstream] {
            match end {
                End::Close => drop(stream.shutdown(Shutdown::Both)),
                // Sent when the last owner lets go of it. Reading wakes whoever else waits on it.
                End::Reset => {
                    set_socket_linger(stream, Some(Duration::ZERO))?;
                    drop(stream.shutdown(Shutdown::Read));
                }
            }
        }
        Ok(())
    }
}

/// Counts what is written, and before whoever reads it can ask how much it was.
struct Counted<'a>(&'a TcpStream, &'a AtomicU64);

impl io::Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        let written = self.0.write(bytes);
        let left = bytes.len() - *written.as_ref().unwrap_or(&0);
        self.1.fetch_sub(left as u64, Ordering::Relaxed);
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}
