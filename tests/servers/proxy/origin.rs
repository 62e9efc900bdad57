//! Another origin, as the object store behind a registry: serves what it is asked for by a redirect, takes the uploads that
//! a `Location` has go there, and answers 400 where credentials of the registry arrive, as such stores do.

use std::collections::HashMap;
use std::io::BufReader;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use crate::servers::http::{Body, Framing, Listener, Reply, Request, Response, Service, serve};
use crate::servers::record::{Entry, Record};

pub struct Origin {
    listener: Listener,
    pub record: Arc<Record>,
    inside: Arc<Inside>,
}

struct Inside {
    upstream: String,
    /// What the requests that lead to each path came with, which the server behind wants to see.
    credentials: Mutex<HashMap<String, Option<String>>>,
}

impl Origin {
    pub fn start(upstream: &str) -> Self {
        let record = Arc::<Record>::default();
        let inside = Arc::new(Inside {
            upstream: upstream.to_owned(),
            credentials: Mutex::default(),
        });
        Self {
            listener: serve(0, Arc::clone(&record), Arc::clone(&inside)),
            record,
            inside,
        }
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        self.listener.address()
    }

    /// Where this request is answered from now on.
    pub fn location(&self, request: &Request) -> String {
        self.know(request.path(), request);
        format!("http://{}{}", self.address(), request.target)
    }

    /// Where it goes on here what the answer to this request has go on at `location`; by another address than this one's, if
    /// one is given.
    pub fn instead_of(&self, location: &str, request: &Request, address: Option<&str>) -> String {
        let place = location.find("/v2/").map_or("", |start| &location[start..]);
        self.know(place.split('?').next().unwrap_or_default(), request);
        let own = format!("http://{}", self.address());
        format!("{}{place}", address.unwrap_or(&own))
    }

    /// What is asked of that path is asked by whoever made this request.
    fn know(&self, path: &str, request: &Request) {
        let given = request.headers.get("Authorization").map(str::to_owned);
        let mut credentials = self.inside.credentials.lock().unwrap();
        credentials.insert(path.to_owned(), given);
    }
}

impl Service for Inside {
    fn answer(&self, request: &Request, body: &mut Body<'_>, _: &Entry) -> Option<Reply> {
        if request.headers.get("Authorization").is_some() {
            return Some(Reply::new(400).bytes("only one way to authenticate is allowed\n"));
        }
        // Whoever was sent to begin an upload here goes on here.
        let known = self.credentials.lock().unwrap().clone();
        let mut known = known.into_iter();
        let Some((_, given)) = known.find(|(path, _)| request.path().starts_with(path)) else {
            return Some(Reply::new(403).bytes("nobody was sent here\n"));
        };
        let mut request = request.clone();
        request.headers.set("Connection", "close");
        if let Some(given) = given {
            request.headers.set("Authorization", given);
        }
        let mut upstream = TcpStream::connect(&self.upstream).ok()?;
        std::io::Write::write_all(&mut upstream, &request.to_bytes()).ok()?;
        std::io::copy(body, &mut upstream).ok()?;
        let mut reader = BufReader::new(upstream);
        let response = Response::read(&mut reader).ok()?;
        let Framing::Length(length) = Framing::of_response(&response.headers) else {
            return None;
        };
        let mut reply = Reply::new(response.status).stream(reader, length);
        for name in ["Content-Type", "Content-Range", "Accept-Ranges", "Location", "Range"] {
            if let Some(value) = response.headers.get(name) {
                reply = reply.header(name, value);
            }
        }
        Some(reply)
    }
}
