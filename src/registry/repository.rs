use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use reqwest::header::{HeaderName, HeaderValue};
use reqwest::{Method, Response, StatusCode, Url};

use super::authority::Scope;
use super::client::Shared;
use super::endpoint::Host;
use super::exchange::Ask;
use super::failure::{blamed, reason};
use super::{Cancel, Doing, Error, Notice};
use crate::digest::Digest;

/// A repository of one registry.
#[derive(Clone)]
pub struct Repository {
    pub(super) shared: Arc<Shared>,
    pub(super) host: Arc<Host>,
    pub(super) name: String,
    /// Where else it can be read: hosts, and what it is called there.
    mirrors: Vec<(Arc<Host>, String)>,
    /// Blobs for which a mirror is not asked any more, by its name: it did not send them, or not with the bytes that their
    /// digests say.
    left_out: Arc<Mutex<HashSet<(String, Digest)>>>,
    /// Blobs of which a mirror that is not asked any more has sent a part.
    patched: Arc<Mutex<HashSet<Digest>>>,
    /// Whether tokens are asked for that allow writing, whatever is done with them first.
    push: bool,
}

impl Repository {
    pub(super) fn new(shared: Arc<Shared>, host: Arc<Host>, name: String, mirrors: Vec<(Arc<Host>, String)>) -> Self {
        Self {
            shared,
            host,
            name,
            mirrors,
            left_out: Arc::default(),
            patched: Arc::default(),
            push: false,
        }
    }

    /// The same for somebody who will write to it: one token does for all. No mirror is read.
    #[must_use]
    pub fn for_push(self) -> Self {
        Self {
            mirrors: Vec::new(),
            push: true,
            ..self
        }
    }

    /// The same, whose requests `cancel` stops.
    #[must_use]
    pub fn stopped_by(self, cancel: &Cancel) -> Self {
        Self {
            shared: Arc::new(self.shared.stopped_by(cancel)),
            ..self
        }
    }

    /// Whether an upload cannot begin before its digest is known.
    #[must_use]
    pub fn wants_digest_first(&self) -> bool {
        self.host.single_put()
    }

    /// The most bytes that the registry takes as a layer, where that is known.
    #[must_use]
    pub fn largest_layer(&self) -> Option<u64> {
        self.host.largest_layer
    }

    /// The registry's host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host.name
    }

    /// The repository's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn scope(&self, push: bool) -> Scope {
        Scope {
            repository: self.name.clone(),
            push: push || self.push,
            also: None,
        }
    }

    /// An address within the repository, such as `blobs/uploads/`.
    pub(super) fn url(&self, path: &str) -> Result<Url, Error> {
        self.host
            .base
            .join(&format!("{}/{path}", self.name))
            .map_err(|error| Error::Setting {
                host: self.host.name.clone(),
                why: format!("`{}` is no repository: {error}", self.name),
            })
    }

    /// The places where it can be read, its own last. Not a mirror that nobody reaches: to try that again for each blob
    /// would take as long each time.
    pub(super) fn places(&self) -> Vec<Self> {
        let own = (self.host.clone(), self.name.clone());
        let mirrors = self.mirrors.iter().filter(|(host, _)| !host.is_given_up());
        let places = mirrors.cloned().chain([own]);
        places
            .map(|(host, name)| Self {
                mirrors: Vec::new(),
                host,
                name,
                ..self.clone()
            })
            .collect()
    }

    /// The places where the blob of `digest` can be read, its own last.
    pub(super) fn places_of(&self, digest: &Digest) -> Vec<Self> {
        let left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        let is_asked = |place: &Self| !left_out.contains(&(place.host.name.clone(), *digest));
        let mut places = self.places();
        let own = places.pop();
        places.into_iter().filter(is_asked).chain(own).collect()
    }

    /// What came for `digest` has other bytes: the place that is read first is not asked for it any more, unless one that
    /// is not anyway has sent a part of it. Whether it may come otherwise; the repository itself is the last place.
    #[must_use]
    pub fn distrust(&self, digest: &Digest) -> bool {
        let patched = || self.patched.lock().unwrap_or_else(PoisonError::into_inner);
        if patched().remove(digest) {
            return true;
        }
        let places = self.places_of(digest);
        let [first, _, ..] = places.as_slice() else {
            return false;
        };
        first.leave_out(digest, false);
        true
    }

    /// The host of this place is not asked for the blob of `digest` any more, where it is a mirror. Whether it has sent a
    /// part of what there is of it is `has_sent`.
    pub(super) fn leave_out(&self, digest: &Digest, has_sent: bool) {
        if has_sent {
            let mut patched = self.patched.lock().unwrap_or_else(PoisonError::into_inner);
            patched.insert(*digest);
        }
        let mut left_out = self.left_out.lock().unwrap_or_else(PoisonError::into_inner);
        left_out.insert((self.host.name.clone(), *digest));
    }

    /// This place is not asked any more in this run, where it is a mirror and `error` says that nobody reaches it.
    pub(super) fn give_up(&self, error: &Error) {
        if self.host.is_mirror
            && error.may_pass()
            && self.host.give_up()
            && let Some((host, doing)) = blamed(&self.host, error)
        {
            self.shared.observer.notice(&Notice::GivenUp {
                host,
                doing,
                why: reason(error),
            });
        }
    }

    /// Tells that no blob could be taken over from the repository `from` of the registry, and `why`.
    pub fn tell_unmounted(&self, from: &str, why: &str) {
        self.shared.observer.notice(&Notice::Unmounted {
            host: self.host.name.clone(),
            from: from.to_owned(),
            why: why.to_owned(),
        });
    }

    /// Reads at each place until one of them has it. What the last one says counts.
    pub(super) fn read<T>(&self, read: impl Fn(&Self) -> Result<Option<T>, Error>) -> Result<Option<T>, Error> {
        let mut last = Ok(None);
        for place in self.places() {
            last = read(&place);
            if let Err(error) = &last {
                place.give_up(error);
            }
            if matches!(last, Ok(Some(_)) | Err(Error::Interrupted)) {
                break;
            }
        }
        last
    }

    pub(super) fn ask(
        &self,
        method: Method,
        url: Url,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: Option<Bytes>,
        doing: &Doing,
    ) -> Result<Response, Error> {
        let push = !matches!(method, Method::GET | Method::HEAD);
        self.shared.ask(
            &self.host,
            &Ask {
                method,
                url,
                scope: &self.scope(push),
                headers,
                body,
                doing,
                once: false,
            },
        )
    }

    /// Asks whether there is a registry that takes our credentials.
    pub(super) fn ping(&self) -> Result<(), Error> {
        let doing = &Doing::new("asking whether it is a registry");
        let ask = Ask {
            method: Method::GET,
            url: self.host.base.clone(),
            scope: &self.scope(false),
            headers: Vec::new(),
            body: None,
            doing,
            once: false,
        };
        let response = self.shared.ask(&self.host, &ask)?;
        match response.status() {
            StatusCode::OK => Ok(()),
            // It says why, such as that it speaks TLS.
            StatusCode::BAD_REQUEST => Err(self.shared.refused(&self.host, response, doing)),
            status => Err(Error::Protocol {
                host: self.host.name.clone(),
                doing: doing.clone(),
                what: format!("it answers {status}"),
            }),
        }
    }
}

impl std::fmt::Debug for Repository {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Repository({}/{})", self.host.name, self.name)
    }
}
