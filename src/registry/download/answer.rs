//! How the rest of a blob is asked for, and what the answer to that is.

use reqwest::header::{HeaderValue, RANGE};
use reqwest::{Method, Response, StatusCode, Url};

use super::{Download, Failure};
use crate::registry::ahead::Ahead;
use crate::registry::blobs::content_length;
use crate::registry::exchange::Ask;
use crate::registry::part::Part;
use crate::registry::{Doing, Error, Notice, Repository};

impl Download {
    /// Asks for the rest; for all of it where the registry has shown that it cannot be asked for a part.
    pub(super) fn begin(&mut self, place: &Repository) -> Result<(), Failure> {
        let url = place.url(&format!("blobs/{}", self.digest))?;
        let asked = if self.by_range { self.position } else { 0 };
        let mut headers = Vec::new();
        if asked > 0
            && let Ok(range) = HeaderValue::try_from(format!("bytes={asked}-{}", self.size - 1))
        {
            headers.push((RANGE, range));
        }
        let ask = Ask {
            method: Method::GET,
            url,
            scope: &place.scope(false),
            headers,
            body: None,
            doing: &self.doing(),
            once: false,
        };
        // Of the same attempts as what comes of the answer.
        let response = place.shared.ask_within(&place.host, &ask, &mut self.attempts)?;
        match self.start(place, &response, asked)? {
            Some(Ok(start)) => {
                if start > 0 {
                    place.shared.observer.notice(&Notice::Resumed {
                        host: place.host.name.clone(),
                        doing: self.doing(),
                        at: self.position,
                    });
                }
                self.unwanted = self.position - start;
                self.body = Some(Body {
                    url: response.url().clone(),
                    end: content_length(response.headers()).map(|length| start.saturating_add(length)),
                    pieces: Ahead::new(place.shared.runtime()?, response),
                });
                Ok(())
            }
            // From the start, then, without what is here already.
            Some(Err(NoRanges)) if asked > 0 => {
                self.by_range = false;
                Ok(())
            }
            Some(Err(NoRanges)) => Err(Failure::from(Error::Protocol {
                host: place.host.name.clone(),
                doing: self.doing(),
                what: "it sends a part of the blob, and was asked for all".to_owned(),
            })),
            None => Err(place.shared.refused(&place.host, response, &self.doing()).into()),
        }
    }

    /// The byte that an answer begins with; `None` where it is a refusal.
    fn start(
        &self,
        place: &Repository,
        response: &Response,
        asked: u64,
    ) -> Result<Option<Result<u64, NoRanges>>, Error> {
        let length = content_length(response.headers());
        let part = Part::of(response.headers());
        // One that is too short may have been cut on its way: the rest is asked for then.
        let total = match response.status() {
            StatusCode::OK => length.filter(|length| *length > self.size),
            _ => part.total,
        };
        let is_partial = matches!(
            response.status(),
            StatusCode::OK | StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE
        );
        if let Some(found) = total.filter(|total| is_partial && *total != self.size) {
            return Err(self.wrong_size(place, response.url(), found));
        }
        Ok(Some(match (response.status(), part.range) {
            // It does not know ranges, or none was wanted.
            (StatusCode::OK, _) => Ok(0),
            // Believed only where all that it says agrees: bytes at the wrong place would be found out at the very end.
            (StatusCode::PARTIAL_CONTENT, Some((start, last)))
                if start <= asked
                    && last.checked_add(1) == Some(self.size)
                    && length.is_none_or(|length| length == self.size - start) =>
            {
                Ok(start)
            }
            (StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE, _) => Err(NoRanges),
            (StatusCode::NOT_FOUND, _) => {
                return Err(Error::NotFound {
                    host: place.host.name.clone(),
                    what: format!("blob {}", self.digest),
                });
            }
            _ => return Ok(None),
        }))
    }

    /// The error for a blob that has `found` bytes at `url`.
    pub(super) fn wrong_size(&self, place: &Repository, url: &Url, found: u64) -> Error {
        let (host, what) = place
            .host
            .at(Some(url), &Doing::new(format!("the blob {}", self.digest)));
        let mut what = what.to_string();
        if !place.host.is_home_of(url) {
            what.push(',');
        }
        Error::Size {
            host,
            what,
            expected: self.size,
            found,
        }
    }
}

/// An answer that is on its way.
pub struct Body {
    /// Where it comes from, at the end of all redirects.
    pub url: Url,
    /// The byte of the blob that it says it ends with, where it says so.
    pub end: Option<u64>,
    pub pieces: Ahead,
}

/// A registry that cannot be asked for a part of a blob, or sends another one than it was asked for.
struct NoRanges;
