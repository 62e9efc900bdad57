use reqwest::header::{HeaderMap, LOCATION, RANGE};
use reqwest::{Method, StatusCode, Url};

use crate::registry::endpoint::Host;
use crate::registry::exchange::Ask;
use crate::registry::{Doing, Error, Repository};

/// The least a registry wants in a chunk but the last (distribution-spec 1.1, "Pushing a blob in chunks").
const CHUNK_MIN: &str = "oci-chunk-min-length";

/// An upload that a registry has begun: where the next bytes go.
#[derive(Debug, Clone)]
pub struct Session {
    /// The newest address of it: with each answer there may be another one.
    pub(super) location: Url,
    /// How many bytes the registry has.
    pub(super) offset: u64,
    /// The least that it wants in a chunk.
    pub(super) chunk_min: u64,
}

/// What a registry says of a session.
#[derive(Debug)]
pub enum Status {
    /// It has so many bytes.
    Stands(Session),
    /// It does not know it any more.
    Lost,
    /// Nobody is reached where it had it put, at another host.
    Away,
    /// It cannot say for now, however often it was asked.
    Unknown(Error),
}

impl Session {
    /// Begins an upload.
    pub(in crate::registry) fn begin(repository: &Repository, doing: &Doing) -> Result<Self, Error> {
        let url = repository.url("blobs/uploads/")?;
        let response = repository.ask(Method::POST, url, Vec::new(), None, doing)?;
        if !response.status().is_success() {
            return Err(repository.shared.refused(&repository.host, response, doing));
        }
        let headers = response.headers();
        // Where a redirect has led to, relative addresses are seen from there.
        let location = location(&repository.host, response.url(), headers).ok_or_else(|| Error::Protocol {
            host: repository.host.name.clone(),
            doing: doing.clone(),
            what: "it does not say where the upload goes".to_owned(),
        })?;
        Ok(Self::at(location, headers))
    }

    /// A session at a known place that has nothing yet.
    pub(in crate::registry) fn at(location: Url, headers: &HeaderMap) -> Self {
        Self {
            location,
            offset: 0,
            chunk_min: chunk_min(headers),
        }
    }

    /// Asks how much the registry has.
    ///
    /// # Errors
    /// The registry cannot be asked, which says nothing of the session.
    pub(in crate::registry) fn status(&self, repository: &Repository, doing: &Doing) -> Result<Status, Error> {
        // Had before, so that what a token server has against us is not taken for an answer of the registry.
        let scope = repository.scope(false);
        repository.shared.header(&repository.host, &self.location, &scope)?;
        let response = match repository.ask(Method::GET, self.location.clone(), Vec::new(), None, doing) {
            // As while a registry is started again behind something that answers in its place; and what is no answer is a
            // token server's.
            Err(error) if error.is_passing() || matches!(error, Error::Protocol { .. }) => {
                return Ok(Status::Unknown(error));
            }
            // It has run out, is not ours any more, or cannot be asked about: there is nothing to go on with. What stands
            // in the way of another one, too, is met there.
            Err(Error::Refused { .. } | Error::Denied { .. } | Error::ForeignRealm { .. }) => return Ok(Status::Lost),
            // Somewhere else, where the registry had it put then: it may say another place now.
            Err(error) if error.may_pass() && !repository.host.is_home_of(&self.location) => return Ok(Status::Away),
            response => response?,
        };
        if !response.status().is_success() {
            return Ok(Status::Lost);
        }
        let headers = response.headers();
        // `0-0` may mean one byte or none: either is not worth finding out which.
        let Some(last) = range_end(headers).filter(|last| *last > 0) else {
            return Ok(Status::Lost);
        };
        Ok(Status::Stands(Self {
            location: location(&repository.host, &self.location, headers).unwrap_or_else(|| self.location.clone()),
            offset: last.saturating_add(1),
            chunk_min: self.chunk_min.max(chunk_min(headers)),
        }))
    }

    /// Tells the registry that no more will come. Nothing depends on it, so that it is said once: registries drop what
    /// nobody goes on with.
    pub fn cancel(&self, repository: &Repository) {
        let ask = Ask {
            method: Method::DELETE,
            url: self.location.clone(),
            scope: &repository.scope(true),
            headers: Vec::new(),
            body: None,
            doing: &Doing::new("ending an upload"),
            once: true,
        };
        drop(repository.shared.ask(&repository.host, &ask));
    }
}

/// Where an answer to a request to `url` says that the next bytes go, unless that is less safe than the registry.
pub fn location(host: &Host, url: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = host.as_before(url.join(headers.get(LOCATION)?.to_str().ok()?).ok()?);
    match location.scheme() {
        "https" => Some(location),
        "http" if host.base.scheme() == "http" => Some(location),
        _ => None,
    }
}

/// The last byte that the registry has: `N` of `Range: 0-N`, which some write as `bytes=0-N`.
pub fn range_end(headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(RANGE)?.to_str().ok()?.trim();
    let value = value.strip_prefix("bytes=").unwrap_or(value);
    let (start, end) = value.split_once('-')?;
    if start.trim() != "0" {
        return None;
    }
    end.trim().parse().ok()
}

pub fn chunk_min(headers: &HeaderMap) -> u64 {
    let value = headers.get(CHUNK_MIN).and_then(|value| value.to_str().ok());
    value.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
}

/// Whether a refused chunk means that the registry takes none at all, so that one request must do.
pub fn takes_no_chunks(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::RANGE_NOT_SATISFIABLE
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_IMPLEMENTED
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::HostSettings;

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())])
    }

    #[test]
    fn the_range_is_read_in_both_spellings() {
        assert_eq!(range_end(&headers("range", "0-1023")), Some(1023));
        assert_eq!(range_end(&headers("range", "bytes=0-1023")), Some(1023));
        for nonsense in ["5-9", "0-", "-", "0-x", "99999999999999999999"] {
            assert_eq!(range_end(&headers("range", nonsense)), None, "{nonsense}");
        }
    }

    #[test]
    fn a_location_leads_nowhere_less_safe() {
        let host = Host::new("registry.example", &HostSettings::default(), false).unwrap();
        let at = |value: &str| {
            let url = "https://registry.example/v2/a/blobs/uploads/".parse().unwrap();
            location(&host, &url, &headers("location", value)).map(|url| url.to_string())
        };
        let own = "https://registry.example/v2/a/blobs/uploads/1?state=2";
        assert_eq!(at("/v2/a/blobs/uploads/1?state=2").unwrap(), own);
        assert_eq!(at("1?state=2").unwrap(), own);
        assert_eq!(at("http://registry.example/v2/a/blobs/uploads/1?state=2").unwrap(), own);
        assert_eq!(at("https://other.example/u").unwrap(), "https://other.example/u");
        assert_eq!(at("http://other.example/u"), None);
        assert_eq!(at("ftp://registry.example/u"), None);
        assert_eq!(at("http://["), None);
    }
}
