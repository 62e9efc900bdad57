//! What goes wrong, with which requests, and how often.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use globset::{Glob, GlobMatcher};

use super::gate::Gate;
use super::meeting::Meeting;
use crate::servers::http::Request;

/// The direction of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// From the client: uploads.
    Up,
    /// To the client: downloads.
    Down,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// FIN, as of a server that closes.
    Close,
    /// RST, as of a machine that knows nothing of the connection. It could take from the server what has passed: when
    /// bytes go up, that one sees FIN.
    Reset,
}

/// One thing that goes wrong. Bytes are those of the body.
#[derive(Clone, Debug)]
pub enum Fault {
    /// The request is held back for that time.
    Delay(Duration),
    /// The request is held back until others have come to which this happens; 400 if they do not.
    Meet(Arc<Meeting>),
    /// So many bytes a second.
    Rate(Way, u64),
    /// So many bytes pass, then both sides' connections end.
    Cut(Way, u64, End),
    /// So many bytes pass, then nothing for that time, then the rest.
    Stall(Way, u64, Duration),
    /// What that gate lets pass, then nothing until it is open.
    Gate(Way, Arc<Gate>),
    /// The proxy answers, and the server never hears of it.
    Answer {
        status: u16,
        retry_after: Option<String>,
        body: String,
    },
    /// Another `Location` on the answer.
    Location(String),
    /// The `Location` on the answer is at another origin, where the upload goes on: at that address, `http://HOST:PORT`, or
    /// at its own.
    Elsewhere(Option<String>),
    /// A cookie on the answer.
    Cookie(String),
    /// Another `Docker-Content-Digest` on the answer.
    Digest(String),
    /// The byte at that place is another one.
    Flip(Way, u64),
    /// The answer's body has so many bytes at most, and its `Content-Length` agrees.
    Shorten(u64),
    /// The server never hears of `Range`.
    IgnoreRange,
    /// 307 to another origin that serves the same, and refuses credentials.
    Redirect,
    /// The request is done, the answer is lost: the client's connection ends.
    LoseAnswer,
}

/// Faults for some requests.
#[derive(Debug)]
pub struct Rule {
    method: String,
    path: GlobMatcher,
    skip: u64,
    times: u64,
    pub faults: Vec<Fault>,
    seen: AtomicU64,
}

impl Rule {
    /// For the first request of that method, `*` for any, to a path like that one, in which `*` stands for anything.
    pub fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: Glob::new(path).unwrap().compile_matcher(),
            skip: 0,
            times: 1,
            faults: vec![],
            seen: AtomicU64::new(0),
        }
    }

    /// Lets so many pass first.
    pub fn skip(mut self, skip: u64) -> Self {
        self.skip = skip;
        self
    }

    /// Applies to so many.
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Applies to all.
    pub fn always(self) -> Self {
        self.times(u64::MAX)
    }

    /// Adds a fault: those of one rule come together.
    pub fn fault(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Adds an answer in the server's place, without a body or `Retry-After`.
    pub fn status(self, status: u16) -> Self {
        self.fault(Fault::Answer {
            status,
            retry_after: None,
            body: String::new(),
        })
    }

    /// Whether it is this request's turn; counts it.
    pub fn applies(&self, request: &Request) -> bool {
        if !(self.method == "*" || self.method == request.method) || !self.path.is_match(request.path()) {
            return false;
        }
        let before = self.seen.fetch_add(1, Ordering::Relaxed);
        before >= self.skip && before - self.skip < self.times
    }
}

/// As the program takes rules: `METHOD PATH [skip=N] [times=N|always] FAULT…`, such as
/// `PATCH */blobs/uploads/* skip=1 cut-up=65536`.
impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let (Some(method), Some(path)) = (words.next(), words.next()) else {
            return Err(format!("a rule is METHOD PATH FAULT…, this is `{text}`"));
        };
        words.try_fold(Self::new(method, path), |rule, word| {
            let (key, value) = word.split_once('=').unwrap_or((word, ""));
            let number = |text: &str| text.parse::<u64>().map_err(|error| format!("`{word}`: {error}"));
            Ok(match key {
                "skip" => rule.skip(number(value)?),
                "times" => rule.times(number(value)?),
                "always" => rule.always(),
                _ => rule.fault(fault(key, value, number)?),
            })
        })
    }
}

fn fault(key: &str, value: &str, number: impl Fn(&str) -> Result<u64, String>) -> Result<Fault, String> {
    let (first, second) = value.split_once(':').unwrap_or((value, ""));
    let milliseconds = |text| number(text).map(Duration::from_millis);
    Ok(match key {
        "delay" => Fault::Delay(milliseconds(value)?),
        // `meet=2`: two of them
        "meet" => Fault::Meet(Arc::new(Meeting::of(
            usize::try_from(number(value)?).map_err(|error| error.to_string())?,
        ))),
        "rate-up" => Fault::Rate(Way::Up, number(value)?),
        "rate-down" => Fault::Rate(Way::Down, number(value)?),
        "cut-up" => Fault::Cut(Way::Up, number(value)?, End::Close),
        "cut-down" => Fault::Cut(Way::Down, number(value)?, End::Close),
        "reset-up" => Fault::Cut(Way::Up, number(value)?, End::Reset),
        "reset-down" => Fault::Cut(Way::Down, number(value)?, End::Reset),
        // `stall-up=65536:2000`
        "stall-up" => Fault::Stall(Way::Up, number(first)?, milliseconds(second)?),
        "stall-down" => Fault::Stall(Way::Down, number(first)?, milliseconds(second)?),
        // `status=429:1`, where 1 is `Retry-After`
        "status" => Fault::Answer {
            status: u16::try_from(number(first)?).map_err(|error| error.to_string())?,
            retry_after: (!second.is_empty()).then(|| second.to_owned()),
            body: String::new(),
        },
        "location" => Fault::Location(value.to_owned()),
        "elsewhere" => Fault::Elsewhere((!value.is_empty()).then(|| value.to_owned())),
        "cookie" => Fault::Cookie(value.to_owned()),
        "digest" => Fault::Digest(value.to_owned()),
        "flip-up" => Fault::Flip(Way::Up, number(value)?),
        "flip-down" => Fault::Flip(Way::Down, number(value)?),
        "shorten" => Fault::Shorten(number(value)?),
        "ignore-range" => Fault::IgnoreRange,
        "redirect" => Fault::Redirect,
        "lose-answer" => Fault::LoseAnswer,
        _ => return Err(format!("there is no fault `{key}`")),
    })
}
