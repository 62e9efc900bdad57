//! A proxy in front of any HTTP server, on which things go wrong as its [`Rule`]s say.
//!
//! What goes in is the server's address and rules; what comes out is an address to give to the client under test, and
//! a [`Record`] that counts the bytes of both directions. It passes on everything else as it is, in pieces, with `Host`
//! as the client sent it, so that what a server calls itself is the proxy. One connection of the client may carry many
//! requests; each goes over a connection of its own to the server, so that what breaks is one request and no other.

mod gate;
pub mod meeting;
mod origin;
mod pipe;
mod relay;
mod rule;

use std::io::{self, BufReader};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

pub use gate::Gate;
pub use rule::{End, Fault, Rule, Way};

use self::origin::Origin;
use self::relay::Relay;
use super::http::{Body, Framing, Listener, Request, Stop};
use super::record::Record;

/// A running proxy.
pub struct Proxy {
    listener: Listener,
    pub record: Arc<Record>,
    /// What was asked of the other origin, to which redirects and locations lead.
    pub redirected: Arc<Record>,
    inside: Arc<Inside>,
}

struct Inside {
    upstream: String,
    rules: Mutex<Vec<Arc<Rule>>>,
    origin: Origin,
    record: Arc<Record>,
}

impl Proxy {
    /// In front of `upstream`, `HOST:PORT`, which speaks plain http.
    pub fn start(upstream: &str, rules: impl IntoIterator<Item = Rule>) -> Self {
        let inside = Arc::new(Inside {
            upstream: upstream.to_owned(),
            rules: Mutex::new(rules.into_iter().map(Arc::new).collect()),
            origin: Origin::start(upstream),
            record: Arc::default(),
        });
        let listener = {
            let inside = Arc::clone(&inside);
            Listener::start(0, move |stream, stop| {
                // A connection that breaks is the rules' doing, or the client's.
                drop(inside.converse(stream, stop));
            })
        };
        Self {
            listener,
            record: Arc::clone(&inside.record),
            redirected: Arc::clone(&inside.origin.record),
            inside,
        }
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        self.listener.address()
    }

    /// Where the other origin is: `127.0.0.1:PORT`.
    pub fn elsewhere(&self) -> String {
        self.inside.origin.address()
    }

    /// Goes on with these rules in place of the former ones.
    pub fn change(&self, rules: impl IntoIterator<Item = Rule>) {
        *self.inside.rules.lock().unwrap() = rules.into_iter().map(Arc::new).collect();
    }
}

impl Inside {
    fn converse(&self, client: &TcpStream, stop: &Stop) -> io::Result<()> {
        let mut reader = BufReader::with_capacity(64 << 10, client);
        while let Some(request) = Request::read(&mut reader)? {
            let entry = self.record.add(&request);
            let mut body = Body::new(&mut reader, Framing::of_request(&request.headers), &entry.received);
            if request.headers.lists("Expect", "100-continue") {
                body = body.wanted_by(client);
            }
            let rules = self.rules.lock().unwrap().clone();
            let rule = rules.iter().find(|rule| rule.applies(&request));
            let relay = Relay {
                client,
                upstream: &self.upstream,
                origin: &self.origin,
                stop,
                entry: &entry,
                request: &request,
                faults: rule.map(|rule| &rule.faults[..]).unwrap_or_default(),
            };
            if !relay.run(body)? {
                return Ok(());
            }
        }
        Ok(())
    }
}
