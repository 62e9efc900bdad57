//! The body of a message, read piece by piece: by length, in chunks, or until the end of the connection.

use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;

use super::message::{Headers, malformed, read_line};
use super::received::Received;

/// What tells where a body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    Length(u64),
    Chunked,
    /// Only responses.
    UntilClose,
}

impl Framing {
    pub fn of_request(headers: &Headers) -> Self {
        match Self::of_response(headers) {
            Self::UntilClose => Self::Length(0),
            other => other,
        }
    }

    /// For responses that have a body: not to HEAD, not 204, not 304.
    pub fn of_response(headers: &Headers) -> Self {
        if headers.lists("Transfer-Encoding", "chunked") {
            return Self::Chunked;
        }
        let length = headers.get("Content-Length").and_then(|text| text.parse().ok());
        length.map_or(Self::UntilClose, Self::Length)
    }
}

/// A body that is still coming. A connection that ends before it does is an error, so that a broken body is never
/// taken for a whole one.
pub struct Body<'a> {
    reader: &'a mut (dyn BufRead + Send),
    framing: Framing,
    /// Of the chunk at hand, if there are chunks.
    left: u64,
    /// Whether a chunk was read, whose line end is still to come.
    within: bool,
    ended: bool,
    /// Where to say that the client may go on, before the first byte is read.
    waiting: Option<&'a TcpStream>,
    received: &'a Received,
}

impl<'a> Body<'a> {
    /// `received` takes note of the bytes as they come, without those of the framing.
    pub fn new(reader: &'a mut (dyn BufRead + Send), framing: Framing, received: &'a Received) -> Self {
        let left = match framing {
            Framing::Length(length) => length,
            Framing::Chunked => 0,
            Framing::UntilClose => u64::MAX,
        };
        Self {
            reader,
            framing,
            left,
            within: false,
            ended: framing == Framing::Length(0),
            waiting: None,
            received,
        }
    }

    /// For a client that asked by `Expect: 100-continue` whether its body is wanted.
    pub fn wanted_by(mut self, client: &'a TcpStream) -> Self {
        self.waiting = Some(client);
        self
    }

    /// Says now that the client may go on: whoever answers elsewhere meanwhile must not be interrupted by it.
    pub fn invite(&mut self) -> io::Result<()> {
        match self.waiting.take() {
            Some(mut client) => client.write_all(b"HTTP/1.1 100 Continue\r\n\r\n"),
            None => Ok(()),
        }
    }

    /// The bytes that are to come, where it is known.
    pub fn length(&self) -> Option<u64> {
        match self.framing {
            Framing::Length(_) => Some(self.left),
            Framing::Chunked | Framing::UntilClose => None,
        }
    }

    /// Whether the client was never told to send it.
    pub fn is_unasked(&self) -> bool {
        self.waiting.is_some() && !self.ended
    }

    pub fn has_ended(&self) -> bool {
        self.ended
    }

    /// All of it, for what is known to be small.
    pub fn read_whole(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads on to the size of the next chunk; the last one has none.
    fn next_chunk(&mut self) -> io::Result<()> {
        if self.within {
            read_line(&mut self.reader)?;
        }
        let line = read_line(&mut self.reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let size = line.split(';').next().unwrap_or_default().trim();
        self.left = u64::from_str_radix(size, 16).map_err(|_| malformed(&line))?;
        self.within = true;
        // After the last chunk: trailers, of which nobody here sends any, and an empty line.
        while self.left == 0 && !self.ended {
            self.ended = read_line(&mut self.reader)?
                .ok_or(io::ErrorKind::UnexpectedEof)?
                .is_empty();
        }
        Ok(())
    }
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended || buffer.is_empty() {
            return Ok(0);
        }
        self.invite()?;
        if self.framing == Framing::Chunked && self.left == 0 {
            self.next_chunk()?;
            if self.ended {
                return Ok(0);
            }
        }
        let limit = usize::try_from(self.left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let piece = buffer.get_mut(..limit).unwrap_or_default();
        let count = self.reader.read(piece)?;
        if count == 0 {
            self.ended = self.framing == Framing::UntilClose;
            return if self.ended {
                Ok(0)
            } else {
                Err(io::ErrorKind::UnexpectedEof.into())
            };
        }
        self.left -= count as u64;
        self.ended = self.left == 0 && self.framing != Framing::Chunked;
        self.received.add(piece.get(..count).unwrap_or_default());
        Ok(count)
    }
}
