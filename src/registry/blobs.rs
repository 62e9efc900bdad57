use reqwest::header::{CONTENT_LENGTH, HeaderMap};
use reqwest::{Method, StatusCode};

use super::authority::Scope;
use super::exchange::Ask;
use super::failure::reason;
use super::upload::session::{self, Session};
use super::{Called, Doing, Download, Error, Repository};
use crate::artifact::Descriptor;
use crate::digest::Digest;

/// What became of a mount.
#[derive(Debug)]
pub enum Mounted {
    /// The repository has the blob now.
    Done,
    /// The registry could not do it, and may have begun an upload instead: it may have no such blob there.
    Not {
        /// The upload.
        begun: Option<Session>,
        /// What it answered.
        why: String,
    },
    /// It failed, as the next one may not.
    Failed {
        /// What went wrong.
        why: String,
    },
    /// It did not answer for long, or will not let us: another blob will fare no better.
    Never {
        /// What went wrong.
        why: String,
    },
}

impl Repository {
    /// Whether it has a blob of `size` bytes. One of another length is none: it is damaged, or who answers has no blobs.
    ///
    /// # Errors
    /// The registry cannot be asked, or answers neither yes nor no.
    pub fn has_blob(&self, digest: &Digest, size: u64, called: &Called) -> Result<bool, Error> {
        self.holds(digest, size, called, false)
    }

    /// The same, asked `once` where the answer is of use only if it comes at once.
    fn holds(&self, digest: &Digest, size: u64, called: &Called, once: bool) -> Result<bool, Error> {
        let doing = Doing::new(format!("looking for {digest}")).about(called);
        let url = self.url(&format!("blobs/{digest}"))?;
        let response = self.shared.ask(
            &self.host,
            &Ask {
                method: Method::HEAD,
                url,
                scope: &self.scope(false),
                headers: Vec::new(),
                body: None,
                doing: &doing,
                once,
            },
        )?;
        match response.status() {
            // Some servers write 0 where they say nothing of it.
            status if status.is_success() => {
                Ok(content_length(response.headers()).is_none_or(|length| length == size || length == 0))
            }
            StatusCode::NOT_FOUND => Ok(false),
            _ => Err(self.shared.refused(&self.host, response, &doing)),
        }
    }

    /// Takes over a blob of `size` bytes that another repository of the registry has. It is waited for where it is asked
    /// too often, and asked once otherwise: whatever stands in the way, the blob can be sent.
    ///
    /// # Errors
    /// Somebody wants to stop.
    pub fn mount(&self, digest: &Digest, size: u64, called: &Called, from: &str) -> Result<Mounted, Error> {
        let doing = Doing::new(format!("mounting {digest} from `{from}`")).about(called);
        let mut url = self.url("blobs/uploads/")?;
        url.query_pairs_mut()
            .append_pair("mount", &digest.to_string())
            .append_pair("from", from);
        let ask = Ask {
            method: Method::POST,
            url,
            scope: &Scope {
                also: Some(from.to_owned()),
                ..self.scope(true)
            },
            headers: Vec::new(),
            body: None,
            doing: &doing,
            once: true,
        };
        match self.shared.ask(&self.host, &ask) {
            Ok(response) if response.status() == StatusCode::CREATED => Ok(Mounted::Done),
            Ok(response) if response.status() == StatusCode::ACCEPTED => {
                let headers = response.headers();
                let location = session::location(&self.host, response.url(), headers);
                Ok(Mounted::Not {
                    begun: location.map(|location| Session::at(location, headers)),
                    why: "the registry begins an upload instead".to_owned(),
                })
            }
            Err(error @ Error::Interrupted) => Err(error),
            // It would do it later still, but nothing is lost: the blob is sent.
            Ok(response) => Ok(Mounted::Not {
                begun: None,
                why: format!("status {}", response.status().as_u16()),
            }),
            Err(error @ Error::Refused { status: 429, .. }) => Ok(Mounted::Not {
                begun: None,
                why: reason(&error),
            }),
            // The answer alone may be what was lost.
            Err(error) if error.is_passing() || matches!(error, Error::Unreachable { .. }) => {
                match self.holds(digest, size, called, true) {
                    Ok(true) => Ok(Mounted::Done),
                    Err(error @ Error::Interrupted) => Err(error),
                    _ => Ok(Mounted::Failed { why: reason(&error) }),
                }
            }
            Err(error) => Ok(Mounted::Never { why: reason(&error) }),
        }
    }

    /// A small blob, whole and checked.
    ///
    /// # Errors
    /// It is not there, is larger than `most` bytes, or the registry sends something else.
    pub fn blob(&self, descriptor: &Descriptor, most: usize) -> Result<Vec<u8>, Error> {
        if descriptor.size > most as u64 {
            return Err(Error::Protocol {
                host: self.host.name.clone(),
                doing: Doing::new(format!("fetching {}", descriptor.digest)),
                what: format!("it has {} bytes; {most} are the most", descriptor.size),
            });
        }
        loop {
            let bytes = self.whole(descriptor)?;
            let found = Digest::of(&bytes);
            if found == descriptor.digest {
                return Ok(bytes);
            }
            if !self.distrust(&descriptor.digest) {
                return Err(Error::Damaged {
                    host: self.host.name.clone(),
                    what: "a blob".to_owned(),
                    expected: descriptor.digest,
                    found,
                });
            }
        }
    }

    /// The bytes of a blob as they come.
    fn whole(&self, descriptor: &Descriptor) -> Result<Vec<u8>, Error> {
        let mut download = self.download(
            &descriptor.digest,
            descriptor.size,
            Called::Other(descriptor.digest.to_string()),
            0,
        );
        let mut bytes = Vec::new();
        let mut buffer = vec![0; 64 << 10];
        loop {
            let read = download.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
        }
        Ok(bytes)
    }

    /// A blob of `size` bytes from the byte `from` on, in pieces. `called` is its name in messages.
    #[must_use]
    pub fn download(&self, digest: &Digest, size: u64, called: Called, from: u64) -> Download {
        Download::new(self, *digest, size, called, from)
    }
}

/// The length of an answer's body, where it says so.
pub(super) fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.trim().parse().ok()
}
