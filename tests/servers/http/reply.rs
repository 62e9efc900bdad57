//! An answer, and how it goes over the wire.

use std::io::{self, Read, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU64, Ordering};

use fs_err::File;
use serde_json::{Value, json};

use super::message::{Headers, Response};

/// An answer with a body of known length.
pub struct Reply {
    pub status: u16,
    pub headers: Headers,
    body: Content,
}

enum Content {
    Bytes(Vec<u8>),
    /// So many bytes of what is read while they are sent.
    Stream(Box<dyn Read>, u64),
    /// So many bytes of a file, which the system sends by itself where it can.
    File(File, u64),
}

impl Reply {
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Headers::default(),
            body: Content::Bytes(vec![]),
        }
    }

    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status)
            .header("Content-Type", "application/json")
            .bytes(value.to_string())
    }

    /// An error as the distribution specification writes it (section "Error Codes").
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        let error = json!({"code": code, "message": message, "detail": null});
        Self::json(status, &json!({"errors": [error]}))
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.set(name, value);
        self
    }

    pub fn bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.body = Content::Bytes(bytes.into());
        self
    }

    /// `length` bytes of `from`, read while they are sent.
    pub fn stream(mut self, from: impl Read + 'static, length: u64) -> Self {
        self.body = Content::Stream(Box::new(from), length);
        self
    }

    /// `length` bytes of a file from where it stands, which cost whoever sends them as little as they can.
    pub fn file(mut self, from: File, length: u64) -> Self {
        self.body = Content::File(from, length);
        self
    }

    /// Sends it; `sent` counts the bytes of the body as they go.
    pub fn send(mut self, mut to: &TcpStream, headers_only: bool, sent: &AtomicU64) -> io::Result<()> {
        let length = match &self.body {
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Stream(_, length) | Content::File(_, length) => *length,
        };
        // RFC 9110, section 8.6: not with 204.
        if self.status != 204 {
            self.headers.set("Content-Length", length.to_string());
        }
        let head = Response {
            status: self.status,
            headers: self.headers,
        };
        to.write_all(&head.to_bytes())?;
        if headers_only {
            return Ok(());
        }
        match self.body {
            Content::Bytes(bytes) => {
                to.write_all(&bytes)?;
                sent.fetch_add(length, Ordering::Relaxed);
                Ok(())
            }
            Content::Stream(from, length) => copy(&mut from.take(length), to, sent),
            Content::File(from, length) => send_file(&from, length, to, sent),
        }
    }
}

/// Passes bytes on in pieces, counting them as they go.
fn copy(from: &mut impl Read, mut to: &TcpStream, count: &AtomicU64) -> io::Result<()> {
    let mut piece = vec![0; 64 << 10];
    loop {
        let length = from.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        to.write_all(piece.get(..length).unwrap_or_default())?;
        count.fetch_add(length as u64, Ordering::Relaxed);
    }
}

/// The same, by the system.
fn send_file(from: &File, length: u64, to: &TcpStream, count: &AtomicU64) -> io::Result<()> {
    let mut left = usize::try_from(length).map_err(io::Error::other)?;
    while left > 0 {
        let passed = rustix::fs::sendfile(to, from, None, left)?;
        if passed == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= passed;
        count.fetch_add(passed as u64, Ordering::Relaxed);
    }
    Ok(())
}
