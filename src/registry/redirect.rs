//! Where a request goes, and where it is sent on from there.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, LOCATION};
use reqwest::{Client, Method, Request, Response, StatusCode, Url};

use super::Error;
use super::client::Shared;
use super::doing::Doing;
use super::endpoint::{Host, authority, is_loopback};
use super::failure::{astray, is_final, stalled, unreachable};
use super::settings::HostSettings;

/// How many redirects are followed: blobs come from a store behind a registry, at most two hops away.
const MOST: usize = 5;

/// How far a request may be sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// To other hosts, which are shown no credentials.
    Anywhere,
    /// Within its own origin: what is in it is a secret.
    Within,
}

/// Why there is no answer.
pub enum Lost {
    /// The connection.
    Connection(reqwest::Error),
    /// A redirect that leads to this address is not followed.
    Astray(Url, &'static str),
    /// Who is there said nothing for so long.
    Silent(Url, Duration),
    /// It was not sent.
    Unsent(Error),
}

impl Lost {
    /// Whether it would be lost again.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Connection(error) => is_final(error),
            Self::Silent(..) => false,
            Self::Astray(..) | Self::Unsent(_) => true,
        }
    }

    /// The error of whoever did `doing` at `host`.
    pub fn error(self, host: &Host, doing: &Doing) -> Error {
        match self {
            Self::Connection(error) => unreachable(host, doing, &error),
            Self::Silent(url, after) => stalled(host, &url, doing, after),
            Self::Astray(url, why) => astray(host, &url, doing, why),
            Self::Unsent(error) => error,
        }
    }
}

impl Shared {
    /// Sends a request for which `host` is to blame, and follows where that sends it. An answer that leads further than
    /// `follow` says, or with bytes that are gone, is returned as it is. Each answer is waited for as long as `limit`.
    pub async fn send(
        &self,
        host: &Host,
        mut request: Request,
        follow: Follow,
        limit: Duration,
    ) -> Result<Response, Lost> {
        let mut redirects = 0;
        loop {
            let (from, again) = (request.url().clone(), request.try_clone());
            let agent = self.agent(host, &from).map_err(Lost::Unsent)?;
            let response = match tokio::time::timeout(limit, agent.execute(request)).await {
                Ok(response) => response.map_err(Lost::Connection)?,
                Err(_) => return Err(Lost::Silent(from, limit)),
            };
            let Some((to, mut next)) = target(&response).zip(again) else {
                return Ok(response);
            };
            let to = host.as_before(to);
            let is_same = to.origin() == from.origin();
            let keeps_method = matches!(
                response.status(),
                StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
            );
            // Elsewhere the others make a GET of whatever it was (RFC 9110, 15.4): that writes nothing.
            let is_meant = keeps_method || matches!(*next.method(), Method::GET | Method::HEAD);
            if !is_meant || follow == Follow::Within && !is_same {
                return Ok(response);
            }
            redirects += 1;
            if redirects > MOST {
                return Err(Lost::Astray(to, "it redirects too often"));
            }
            if !matches!(to.scheme(), "http" | "https") {
                return Err(Lost::Astray(to, "it redirects to what is no web address"));
            }
            if from.scheme() == "https" && to.scheme() != "https" {
                return Err(Lost::Astray(to, "it redirects from https to http"));
            }
            if !is_same {
                next.headers_mut().remove(AUTHORIZATION);
            }
            *next.url_mut() = to;
            request = next;
        }
    }

    /// What speaks to `url` for `host`. Of another origin holds what the settings say of that one: whom to trust at the
    /// registry says nothing of it, and who we are it is not told at all.
    pub fn agent(&self, host: &Host, url: &Url) -> Result<Client, Error> {
        if host.is_home_of(url) {
            return Ok(host.http.clone());
        }
        let name = authority(url);
        let said = self.settings.host(&name);
        let trust = HostSettings {
            insecure: said.insecure,
            ca_file: said.ca_file.clone(),
            ..HostSettings::default()
        };
        self.stranger(trust, is_loopback(&name))
    }
}

/// Where an answer leads.
fn target(response: &Response) -> Option<Url> {
    let leads = matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).filter(|_| leads)?;
    response.url().join(location.to_str().ok()?).ok()
}
