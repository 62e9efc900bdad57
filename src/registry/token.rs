use std::time::{Duration, Instant};

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Body, Method, Request, Url};
use serde::Deserialize;

use super::client::Shared;
use super::credentials::Login;
use super::doing::Doing;
use super::endpoint::{Host, authority};
use super::exchange::basic;
use super::failure::untokened;
use super::redirect::Follow;
use super::retry::{Attempts, is_passing};
use super::{Error, exchange};

/// How long a token lives that says nothing of it (the distribution project's token specification).
const LIFE: u64 = 60;

/// A token is not used in its last seconds: a request takes a while to arrive.
const MARGIN: u64 = 5;

/// The largest answer that is read.
const MOST: usize = 1 << 20;

/// A bearer token.
pub struct Token {
    pub header: HeaderValue,
    expires: Instant,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}

impl Token {
    pub fn has_expired(&self) -> bool {
        self.expires <= Instant::now()
    }
}

#[derive(Deserialize)]
struct Answer {
    token: Option<String>,
    access_token: Option<String>,
    expires_in: Option<i64>,
}

/// What a token is asked of whom for.
pub struct Wanted<'a> {
    pub realm: &'a Url,
    pub service: Option<&'a str>,
    pub scopes: &'a [String],
}

/// Asks a token server for a token: by name and password, by an identity token, or as nobody.
pub fn fetch(shared: &Shared, host: &Host, wanted: &Wanted<'_>, login: Option<&Login>) -> Result<Token, Error> {
    let doing = &Doing::new("asking for a token");
    let patience = host.patience(shared.settings.patience);
    let mut attempts = Attempts::new(patience);
    loop {
        let begin = Instant::now();
        // Whoever else it leads to is not told who we are.
        let sent = shared.send(host, request(wanted, login), Follow::Within, patience.stall);
        let (failure, asked) = match shared.wait(sent)? {
            Err(lost) if lost.is_final() => return Err(lost.error(host, doing)),
            Err(lost) => (lost.error(host, doing), None),
            Ok(response) if is_passing(response.status()) => {
                let asked = exchange::retry_after(&response);
                (shared.refused(host, response, doing), asked)
            }
            Ok(response) if response.status().is_success() => match shared.body(host, response, doing, MOST) {
                Ok(body) => return token(host, doing, &body, begin),
                Err(error) if error.may_pass() => (error, None),
                Err(error) => return Err(error),
            },
            Ok(response) if response.status().is_redirection() => {
                return Err(Error::Protocol {
                    host: authority(wanted.realm),
                    doing: doing.clone(),
                    what: "it redirects to another host, which is not told who we are".to_owned(),
                });
            }
            Ok(response) => {
                let status = response.status().as_u16();
                let text = shared.body(host, response, doing, MOST).unwrap_or_default();
                return Err(untokened(host, wanted.realm, status, &text));
            }
        };
        let Some(pause) = host.next(&mut attempts, &failure, asked) else {
            return Err(failure);
        };
        shared.pause(host, doing, &failure, pause)?;
    }
}

fn request(wanted: &Wanted<'_>, login: Option<&Login>) -> Request {
    let scopes = wanted.scopes.iter().map(|scope| ("scope", scope.as_str()));
    let service = wanted.service.map(|service| ("service", service));
    if let Some(Login::IdentityToken(token)) = login {
        // OAuth 2, which takes several scopes in one word.
        let scope = wanted.scopes.join(" ");
        let form = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token.expose()),
            ("client_id", "modelbuild"),
            ("scope", scope.as_str()),
        ];
        let mut body = Url::clone(wanted.realm);
        body.set_query(None);
        body.query_pairs_mut().extend_pairs(service).extend_pairs(form);
        let mut request = Request::new(Method::POST, wanted.realm.clone());
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, kind);
        *request.body_mut() = Some(Body::from(body.query().unwrap_or_default().to_owned()));
        return request;
    }
    let mut url = wanted.realm.clone();
    url.query_pairs_mut().extend_pairs(service).extend_pairs(scopes);
    let mut request = Request::new(Method::GET, url);
    if let Some(Login::Basic { username, password }) = login {
        request.headers_mut().insert(AUTHORIZATION, basic(username, password));
    }
    request
}

/// `Bearer …`, which no log shows; `None` where it cannot be sent.
pub fn bearer(token: &str) -> Option<HeaderValue> {
    let mut header = HeaderValue::try_from(format!("Bearer {token}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

fn token(host: &Host, doing: &Doing, body: &[u8], begin: Instant) -> Result<Token, Error> {
    let wrong = |what: String| Error::Protocol {
        host: host.name.clone(),
        doing: doing.clone(),
        what,
    };
    // Why is not said: the reason might quote a token.
    let answer: Answer = serde_json::from_slice(body).map_err(|_| wrong("its answer has no token".to_owned()))?;
    let token = answer.token.or(answer.access_token).filter(|token| !token.is_empty());
    let header = token.and_then(|token| bearer(&token));
    let header = header.ok_or_else(|| wrong("its answer has no token".to_owned()))?;
    let life = answer
        .expires_in
        .map_or(LIFE, |life| u64::try_from(life).unwrap_or_default());
    Ok(Token {
        header,
        expires: begin + Duration::from_secs(life.saturating_sub(MARGIN).min(24 * 3600)),
    })
}
