//! Requests to answers: what a server of whole messages is given, and how its connections are kept.

use std::io::{self, BufReader, Read as _};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::body::{Body, Framing};
use super::listener::Listener;
use super::message::Request;
use super::reply::Reply;
use crate::servers::record::{Entry, Record};

/// What answers requests.
pub trait Service: Send + Sync + 'static {
    /// `None` cuts the connection without an answer.
    fn answer(&self, request: &Request, body: &mut Body<'_>, entry: &Entry) -> Option<Reply>;
}

/// Serves on a loopback port, 0 for one that the system chooses, and writes down every request.
pub fn serve(port: u16, record: Arc<Record>, service: Arc<impl Service>) -> Listener {
    Listener::start(port, move |stream, _| {
        // A connection that breaks is the client's doing; what came over it is in the record.
        drop(converse(stream, &record, &*service));
    })
}

fn converse(stream: &TcpStream, record: &Record, service: &impl Service) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(64 << 10, stream);
    while let Some(request) = Request::read(&mut reader)? {
        let entry = record.add(&request);
        let mut body = Body::new(&mut reader, Framing::of_request(&request.headers), &entry.received);
        if request.headers.lists("Expect", "100-continue") {
            body = body.wanted_by(stream);
        }
        let Some(reply) = service.answer(&request, &mut body, &entry) else {
            return stream.shutdown(Shutdown::Both);
        };
        if !respond(stream, &request, &mut body, &entry, reply)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Sends an answer; whether the connection is good for another request.
pub fn respond(
    stream: &TcpStream,
    request: &Request,
    body: &mut Body<'_>,
    entry: &Entry,
    mut reply: Reply,
) -> io::Result<bool> {
    // As Go's server does: a short rest of the body is read for the sake of the connection, a long one is not.
    let open = !request.headers.lists("Connection", "close")
        && !body.is_unasked()
        && (body.has_ended() || body.length().is_some_and(|left| left <= 256 << 10));
    if !open {
        reply.headers.set("Connection", "close");
    }
    entry.status.store(reply.status, Ordering::Relaxed);
    reply.send(stream, request.method == "HEAD", &entry.sent)?;
    if open {
        io::copy(body, &mut io::sink())?;
    } else {
        // What is unread when a socket closes makes a reset of it, which takes the answer away from a client that is
        // still sending.
        stream.shutdown(Shutdown::Write)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        if !body.is_unasked() {
            io::copy(&mut body.take(64 << 20), &mut io::sink())?;
        }
    }
    Ok(open)
}
