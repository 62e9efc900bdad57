use bytes::Bytes;
use reqwest::header::{self, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, Url};
use serde::Deserialize;

use super::exchange::{Answer, Ask};
use super::failure::refusal;
use super::pages::Pages;
use super::{Doing, Error, Repository};
use crate::artifact::read;
use crate::digest::Digest;

const DIGEST_HEADER: &str = "docker-content-digest";

/// What a registry says that has taken note of what a manifest refers to.
const SUBJECT_HEADER: &str = "oci-subject";

/// The media types of manifests and indexes that are understood, as `Accept` wants them: some registries answer 404 to
/// a request that names none.
const ACCEPT: &str = "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json, \
    application/vnd.docker.distribution.manifest.v2+json, application/vnd.docker.distribution.manifest.list.v2+json";

/// The largest manifest that is read: what registries take at most is 4 MiB, by the specification's advice.
pub(super) const MOST: usize = 16 << 20;

/// A manifest or an index, as a registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its media type.
    pub media_type: String,
    /// The digest of its bytes.
    pub digest: Digest,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Repository {
    /// The manifest or index that a tag or a digest stands for; `None` where there is none.
    ///
    /// # Errors
    /// The registry cannot be asked, or sends something else than the digest says.
    pub fn manifest(&self, reference: &str) -> Result<Option<Document>, Error> {
        self.read(|place| place.manifest_here(reference))
    }

    pub(super) fn manifest_here(&self, reference: &str) -> Result<Option<Document>, Error> {
        let doing = Doing::new(format!("fetching the manifest {}", self.called(reference)));
        let url = self.url(&format!("manifests/{reference}"))?;
        let accept = vec![(header::ACCEPT, HeaderValue::from_static(ACCEPT))];
        let answer = self.ask_whole(url, accept, &doing)?;
        match answer.status {
            StatusCode::OK => {}
            StatusCode::NOT_FOUND => return Ok(None),
            status => return Err(refusal(&self.host, &answer.url, status, &answer.body, &doing)),
        }
        let Answer {
            headers, body: bytes, ..
        } = answer;
        let digest = Digest::of(&bytes);
        // What was asked for by its digest must have it; of a tag, the registry says which one it has.
        let expected = reference.parse().ok().or_else(|| digest_header(&headers));
        if let Some(expected) = expected.filter(|expected| *expected != digest) {
            return Err(Error::Damaged {
                host: self.host.name.clone(),
                what: format!("the manifest {}", self.called(reference)),
                expected,
                found: digest,
            });
        }
        Ok(Some(Document {
            media_type: media_type(&headers, &bytes),
            digest,
            bytes,
        }))
    }

    /// `name:tag` or `name@sha256:…`.
    fn called(&self, reference: &str) -> String {
        let mark = if reference.contains(':') { '@' } else { ':' };
        format!("`{}{mark}{reference}`", self.name)
    }

    /// The digest of what a tag or a digest stands for, where the registry says so without sending it.
    ///
    /// # Errors
    /// The registry cannot be asked.
    pub fn resolve(&self, reference: &str) -> Result<Option<Digest>, Error> {
        let doing = Doing::new(format!("looking for the manifest {}", self.called(reference)));
        let response = self.shared.ask(
            &self.host,
            &Ask {
                method: Method::HEAD,
                url: self.url(&format!("manifests/{reference}"))?,
                scope: &self.scope(false),
                headers: vec![(header::ACCEPT, HeaderValue::from_static(ACCEPT))],
                body: None,
                doing: &doing,
                once: false,
            },
        )?;
        Ok(if response.status().is_success() {
            digest_header(response.headers())
        } else {
            None
        })
    }

    /// Stores a manifest or an index under a tag or its digest. If it refers to another and the registry takes no note of
    /// that, it comes on the list that clients keep.
    ///
    /// # Errors
    /// The registry cannot be asked, or will not take it.
    pub fn put_manifest(&self, reference: &str, media_type: &str, bytes: &[u8]) -> Result<(), Error> {
        let doing = Doing::new(format!("storing the manifest {}", self.called(reference)));
        let url = self.url(&format!("manifests/{reference}"))?;
        let kind = HeaderValue::try_from(media_type).map_err(|_| Error::Protocol {
            host: self.host.name.clone(),
            doing: doing.clone(),
            what: "its media type cannot be sent".to_owned(),
        })?;
        let body = Bytes::copy_from_slice(bytes);
        let response = self.ask(Method::PUT, url, vec![(CONTENT_TYPE, kind)], Some(body), &doing)?;
        if response.status() == StatusCode::PAYLOAD_TOO_LARGE {
            return Err(Error::ManifestTooLarge {
                host: self.host.name.clone(),
                what: self.called(reference),
                size: bytes.len(),
            });
        }
        if !response.status().is_success() {
            return Err(self.shared.refused(&self.host, response, &doing));
        }
        let (status, expected) = (response.status(), Digest::of(bytes));
        let said = digest_header(response.headers());
        // Who answers 200 to everything has stored nothing.
        if status != StatusCode::CREATED && said.is_none() && self.resolve(reference)? != Some(expected) {
            return Err(Error::Protocol {
                host: self.host.name.clone(),
                doing,
                what: format!("it answers {status}, and has no such manifest then"),
            });
        }
        if let Some(found) = said.filter(|found| *found != expected) {
            return Err(Error::Damaged {
                host: self.host.name.clone(),
                what: format!("the manifest {} that was stored", self.called(reference)),
                expected,
                found,
            });
        }
        match read::subject(bytes) {
            Some(subject) if !response.headers().contains_key(SUBJECT_HEADER) => {
                self.keep_referrer(&subject, media_type, bytes)
            }
            _ => Ok(()),
        }
    }

    /// All tags, sorted: the registry's own, for a mirror may have those alone that somebody has asked it for. Where the
    /// registry is not reached, a mirror's are better than none.
    ///
    /// # Errors
    /// The registry cannot be asked.
    pub fn tags(&self) -> Result<Vec<String>, Error> {
        let own = self.tags_here();
        if own.as_ref().is_err_and(Error::may_pass) {
            let mut mirrors = self.places();
            mirrors.pop();
            for mirror in mirrors {
                match mirror.tags_here() {
                    // One that knows nothing of the repository says nothing of it.
                    Ok(tags) if tags.is_empty() => {}
                    Err(error) if !matches!(error, Error::Interrupted) => mirror.give_up(&error),
                    answer => return answer,
                }
            }
        }
        own
    }

    fn tags_here(&self) -> Result<Vec<String>, Error> {
        #[derive(Deserialize)]
        struct Page {
            #[serde(default)]
            tags: Option<Vec<String>>,
        }
        let doing = Doing::new(format!("listing the tags of {}", self.name));
        let mut pages = Pages::new(self, self.url("tags/list")?, &doing);
        let mut tags = Vec::new();
        while let Some(answer) = pages.next()? {
            match answer.status {
                StatusCode::OK => {}
                StatusCode::NOT_FOUND => return Ok(Vec::new()),
                status => return Err(refusal(&self.host, &answer.url, status, &answer.body, &doing)),
            }
            let page: Page = serde_json::from_slice(&answer.body).map_err(|error| self.nonsense(&doing, &error))?;
            tags.extend(page.tags.unwrap_or_default());
        }
        tags.sort();
        tags.dedup();
        Ok(tags)
    }

    pub(super) fn ask_whole(
        &self,
        url: Url,
        headers: Vec<(HeaderName, HeaderValue)>,
        doing: &Doing,
    ) -> Result<Answer, Error> {
        let ask = Ask {
            method: Method::GET,
            url,
            scope: &self.scope(false),
            headers,
            body: None,
            doing,
            once: false,
        };
        self.shared.ask_whole(&self.host, &ask, MOST)
    }

    pub(super) fn nonsense(&self, doing: &Doing, error: &serde_json::Error) -> Error {
        Error::Protocol {
            host: self.host.name.clone(),
            doing: doing.clone(),
            what: error.to_string(),
        }
    }
}

fn digest_header(headers: &HeaderMap) -> Option<Digest> {
    headers.get(DIGEST_HEADER)?.to_str().ok()?.parse().ok()
}

/// What the answer says it is; else what the document says.
fn media_type(headers: &HeaderMap, bytes: &[u8]) -> String {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Typed {
        media_type: Option<String>,
    }
    let stated = serde_json::from_slice::<Typed>(bytes)
        .ok()
        .and_then(|typed| typed.media_type);
    stated
        .or_else(|| {
            Some(
                headers
                    .get(CONTENT_TYPE)?
                    .to_str()
                    .ok()?
                    .split(';')
                    .next()?
                    .trim()
                    .to_owned(),
            )
        })
        .unwrap_or_else(|| crate::artifact::media_type::OCI_MANIFEST.to_owned())
}
