use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Body, Method, Request, Response, StatusCode, Url};

use super::authority::{Challenges, Scope};
use super::client::Shared;
use super::credentials::Secret;
use super::doing::Doing;
use super::endpoint::Host;
use super::error::Error;
use super::failure::{broken, causes, denial, refusal, stalled};
use super::redirect::Follow;
use super::retry::{self, Attempts, is_passing};

/// How much of an error's text is read.
const MOST_SAID: usize = 64 << 10;

/// A request without a body, or with one that can be sent again.
pub struct Ask<'a> {
    pub method: Method,
    pub url: Url,
    pub scope: &'a Scope,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Option<Bytes>,
    /// What messages call it.
    pub doing: &'a Doing,
    /// Whether it is made again only where it came too soon, and not where it fails: there is another way.
    pub once: bool,
}

/// An answer that has come whole.
pub struct Answer {
    /// Where it came from, at the end of all redirects.
    pub url: Url,
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Shared {
    /// Makes the request until there is an answer that stays: with credentials once the registry asks for them, again
    /// where the failure may pass. Refusals other than those of access are the caller's to judge.
    pub fn ask(&self, host: &Host, ask: &Ask<'_>) -> Result<Response, Error> {
        self.ask_within(host, ask, &mut self.attempts_at(host))
    }

    /// As many attempts as a host is worth.
    pub fn attempts_at(&self, host: &Host) -> Attempts {
        Attempts::new(host.patience(self.settings.patience))
    }

    /// As [`Shared::ask`], as often as `attempts` allow.
    pub fn ask_within(&self, host: &Host, ask: &Ask<'_>, attempts: &mut Attempts) -> Result<Response, Error> {
        let patience = self.settings.patience;
        let mut challenges = Challenges::default();
        let limit = if ask.method == Method::PUT {
            patience.for_work()
        } else {
            patience.stall
        };
        loop {
            let shown = self.header(host, &ask.url, ask.scope)?;
            let request = Self::request(ask, shown.as_ref());
            let answer = self.wait(self.send(host, request, Follow::Anywhere, limit))?;
            if answer.is_ok() {
                host.has_answered();
            }
            let (failure, asked) = match answer {
                Err(lost) if lost.is_final() => return Err(lost.error(host, ask.doing)),
                Err(lost) => (lost.error(host, ask.doing), None),
                // Of another host, to which a redirect has led, access is no question of who we are.
                Ok(response) if is_denial(response.status()) && !host.is_home_of(response.url()) => {
                    return Err(self.refused(host, response, ask.doing));
                }
                Ok(response) if response.status() == StatusCode::UNAUTHORIZED => {
                    let authority = &host.authority;
                    let (headers, shown_to) = (response.headers(), shown.as_ref());
                    if authority.challenged(self, host, ask.scope, headers, shown_to, &mut challenges)? {
                        continue;
                    }
                    return Err(self.denied(host, response, ask.doing));
                }
                Ok(response) if response.status() == StatusCode::FORBIDDEN => {
                    return Err(self.denied(host, response, ask.doing));
                }
                Ok(response) if is_passing(response.status()) => {
                    let asked = retry_after(&response);
                    (self.refused(host, response, ask.doing), asked)
                }
                Ok(response) => return Ok(response),
            };
            let is_too_soon = matches!(failure, Error::Refused { status: 429, .. });
            let pause = host
                .next(attempts, &failure, asked)
                .filter(|_| !ask.once || is_too_soon);
            let Some(pause) = pause else {
                return Err(failure);
            };
            self.pause(host, ask.doing, &failure, pause)?;
        }
    }

    /// As [`Shared::ask`], and the whole of the answer's body, at most `most` bytes of it; again where it breaks off.
    pub fn ask_whole(&self, host: &Host, ask: &Ask<'_>, most: usize) -> Result<Answer, Error> {
        let mut attempts = self.attempts_at(host);
        loop {
            let response = self.ask_within(host, ask, &mut attempts)?;
            let (url, status, headers) = (response.url().clone(), response.status(), response.headers().clone());
            match self.body(host, response, ask.doing, most) {
                Ok(body) => {
                    return Ok(Answer {
                        url,
                        status,
                        headers,
                        body,
                    });
                }
                Err(failure) if failure.may_pass() => {
                    let Some(pause) = host.next(&mut attempts, &failure, None) else {
                        return Err(failure);
                    };
                    self.pause(host, ask.doing, &failure, pause)?;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// What to show with a request to `url`: nothing on any host but the registry's own.
    pub fn header(&self, host: &Host, url: &Url, scope: &Scope) -> Result<Option<HeaderValue>, Error> {
        if host.is_home_of(url) {
            host.authority.header(self, host, scope)
        } else {
            Ok(None)
        }
    }

    fn request(ask: &Ask<'_>, shown: Option<&HeaderValue>) -> Request {
        let mut request = Request::new(ask.method.clone(), ask.url.clone());
        request.headers_mut().extend(ask.headers.iter().cloned());
        if let Some(shown) = shown {
            request.headers_mut().insert(AUTHORIZATION, shown.clone());
        }
        *request.body_mut() = match &ask.body {
            Some(body) => Some(Body::from(body.clone())),
            // Without a length, some servers wait for a body.
            None if matches!(ask.method, Method::POST | Method::PUT) => Some(Body::from(Bytes::new())),
            None => None,
        };
        request
    }

    /// The whole body of an answer, at most `most` bytes of it. It is a document: who sends a byte now and then is not
    /// waited for longer than for work.
    pub fn body(&self, host: &Host, mut response: Response, doing: &Doing, most: usize) -> Result<Vec<u8>, Error> {
        let mut body = Vec::new();
        let patience = self.settings.patience;
        let begun = Instant::now();
        loop {
            let left = patience.for_work().saturating_sub(begun.elapsed());
            let limit = left.min(patience.stall);
            match self.wait_for(limit, response.chunk())? {
                // Asked again it would take as long.
                None if limit < patience.stall => {
                    return Err(Error::Protocol {
                        host: host.name.clone(),
                        doing: doing.clone(),
                        what: format!("its answer took longer than {} s", patience.for_work().as_secs_f64()),
                    });
                }
                None => return Err(stalled(host, response.url(), doing, limit)),
                Some(Err(error)) => return Err(broken(host, Some(response.url()), doing, causes(&error))),
                Some(Ok(None)) => return Ok(body),
                Some(Ok(Some(piece))) if body.len() + piece.len() > most => {
                    return Err(Error::Protocol {
                        host: host.name.clone(),
                        doing: doing.clone(),
                        what: format!("its answer has more than {most} bytes"),
                    });
                }
                Some(Ok(Some(piece))) => body.extend_from_slice(&piece),
            }
        }
    }

    /// The error for an answer that says no.
    pub fn refused(&self, host: &Host, response: Response, doing: &Doing) -> Error {
        let (status, url) = (response.status(), response.url().clone());
        let text = self.body(host, response, doing, MOST_SAID).unwrap_or_default();
        refusal(host, &url, status, &text, doing)
    }

    /// The error for an answer that says that we may not.
    pub fn denied(&self, host: &Host, response: Response, doing: &Doing) -> Error {
        let status = response.status().as_u16();
        let text = self.body(host, response, doing, MOST_SAID).unwrap_or_default();
        denial(host, status, &text, doing)
    }
}

/// Whether a status says that we may not.
pub fn is_denial(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}

/// How long the registry asks us to wait.
pub fn retry_after(response: &Response) -> Option<Duration> {
    let value = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    retry::retry_after(value, Timestamp::now())
}

/// `Basic …`, which no log shows.
pub fn basic(username: &str, password: &Secret) -> HeaderValue {
    let pair = STANDARD.encode(format!("{username}:{}", password.expose()));
    let mut value = HeaderValue::try_from(format!("Basic {pair}")).unwrap_or(HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}
