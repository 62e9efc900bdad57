//! A token service, which may stand on another host than the registry: GET with Basic or without, and POST as OAuth 2.0 has it
//! (the documents on token authentication of the distribution project).

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;

use super::signer::Signer;
use crate::servers::http::{Body, Listener, Reply, Request, Service, form, serve};
use crate::servers::record::{Entry, Record};

/// What a client may do: `repository:NAME:ACTION,…`, as it asked for it.
#[derive(Clone, Debug)]
struct Grant {
    scopes: Vec<String>,
    ends: Instant,
    /// Requests that it is still good for.
    requests: u64,
}

/// All tokens that are out.
pub struct Tokens {
    grants: Mutex<HashMap<String, Grant>>,
    life: Mutex<(i64, u64)>,
    /// Whether the next one has ended before it is given out.
    stale: AtomicBool,
    next: AtomicU64,
    signer: Option<Signer>,
}

/// Why a token does not open something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// Unknown, or its time is over.
    Invalid,
    /// Good, for something else.
    Scope,
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            grants: Mutex::default(),
            life: Mutex::new((60, u64::MAX)),
            stale: AtomicBool::new(false),
            next: AtomicU64::new(1),
            signer: None,
        }
    }
}

impl Tokens {
    /// How long those that are still to be given out live: seconds, and a number of requests. The latter makes one end
    /// in the middle of an upload, wherever a test wants it; other registries do not know of it.
    pub fn live(&self, seconds: i64, requests: u64) {
        *self.life.lock().unwrap() = (seconds, requests);
    }

    /// Gives out one that has ended, the next time: by 120 seconds, for docker-registry takes a token for a minute after
    /// its end.
    pub fn give_a_stale_one(&self) {
        self.stale.store(true, Ordering::Relaxed);
    }

    /// Ends all that are out.
    pub fn expire(&self) {
        self.grants.lock().unwrap().clear();
    }

    fn give(&self, user: &str, scopes: Vec<String>) -> (String, i64) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (life, requests) = *self.life.lock().unwrap();
        let seconds = if self.stale.swap(false, Ordering::Relaxed) {
            -120
        } else {
            life
        };
        let token = match &self.signer {
            Some(signer) => signer.sign(user, number, &scopes, seconds),
            None => format!("token-{number}"),
        };
        let ends = Instant::now() + Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
        let grant = Grant { scopes, ends, requests };
        self.grants.lock().unwrap().insert(token.clone(), grant);
        (token, seconds)
    }

    /// Uses a token for one request.
    pub fn redeem(&self, token: &str, name: &str, action: &str) -> Result<(), Closed> {
        let mut grants = self.grants.lock().unwrap();
        let grant = grants.get_mut(token).ok_or(Closed::Invalid)?;
        grant.requests = grant.requests.checked_sub(1).ok_or(Closed::Invalid)?;
        if grant.ends <= Instant::now() {
            return Err(Closed::Invalid);
        }
        let allows = |scope: &String| {
            scope
                .strip_prefix("repository:")
                .and_then(|scope| scope.rsplit_once(':'))
                .is_some_and(|(of, actions)| of == name && actions.split(',').any(|one| one == action))
        };
        // `/v2/` belongs to no repository.
        let open = name.is_empty() || grant.scopes.iter().any(allows);
        open.then_some(()).ok_or(Closed::Scope)
    }
}

/// A running token service for one user.
pub struct TokenService {
    listener: Listener,
    pub record: Arc<Record>,
    pub tokens: Arc<Tokens>,
}

struct Inside {
    user: String,
    password: String,
    tokens: Arc<Tokens>,
}

impl TokenService {
    /// Everybody may pull; this user may do everything. As a refresh token, and as the identity token that some
    /// credential helpers store, `refresh-USER` does.
    pub fn start(user: &str, password: &str) -> Self {
        Self::start_with(user, password, Tokens::default())
    }

    /// One whose tokens another registry can check.
    pub fn signing(user: &str, password: &str, signer: Signer) -> Self {
        let tokens = Tokens {
            signer: Some(signer),
            ..Tokens::default()
        };
        Self::start_with(user, password, tokens)
    }

    fn start_with(user: &str, password: &str, tokens: Tokens) -> Self {
        let (record, tokens) = (Arc::<Record>::default(), Arc::new(tokens));
        let inside = Inside {
            user: user.to_owned(),
            password: password.to_owned(),
            tokens: Arc::clone(&tokens),
        };
        Self {
            listener: serve(0, Arc::clone(&record), Arc::new(inside)),
            record,
            tokens,
        }
    }

    /// Where tokens are to be had, for [`super::Access::Bearer`].
    pub fn realm(&self) -> String {
        format!("http://{}/token", self.listener.address())
    }
}

impl Inside {
    fn grant(&self, scopes: &[String], known: bool, oauth: bool) -> Reply {
        let scopes = scopes
            .iter()
            .flat_map(|scope| scope.split(' '))
            .filter_map(|scope| {
                let (of, actions) = scope.rsplit_once(':')?;
                let allowed: Vec<_> = actions.split(',').filter(|one| known || *one == "pull").collect();
                Some(format!("{of}:{}", allowed.join(",")))
            })
            .collect();
        let user = if known { &self.user } else { "" };
        let (token, seconds) = self.tokens.give(user, scopes);
        let mut answer = json!({"access_token": token, "expires_in": seconds});
        // Clients are to understand either name; OAuth2 has one only, and a token to come again with.
        if oauth {
            answer["refresh_token"] = format!("refresh-{}", self.user).into();
        } else {
            answer["token"] = answer["access_token"].clone();
        }
        Reply::json(200, &answer)
    }
}

impl Service for Inside {
    fn answer(&self, request: &Request, body: &mut Body<'_>, _: &Entry) -> Option<Reply> {
        let refused = Reply::error(401, "UNAUTHORIZED", "incorrect username or password");
        if request.method == "POST" {
            let text = String::from_utf8(body.read_whole().ok()?).ok()?;
            let fields = form(&text);
            let field = |name: &str| {
                fields
                    .iter()
                    .find(|(key, _)| key == name)
                    .map(|(_, value)| value.as_str())
            };
            let known = match field("grant_type") {
                Some("password") => field("username") == Some(&self.user) && field("password") == Some(&self.password),
                Some("refresh_token") => field("refresh_token") == Some(&format!("refresh-{}", self.user)),
                _ => false,
            };
            let scopes: Vec<_> = field("scope").into_iter().map(str::to_owned).collect();
            return Some(if known {
                self.grant(&scopes, true, true)
            } else {
                refused
            });
        }
        let known = match request.headers.get("Authorization") {
            None => false,
            given if is_basic(given, &self.user, &self.password) => true,
            Some(_) => return Some(refused.header("WWW-Authenticate", "Basic realm=\"tokens\"")),
        };
        let query = request.target.split_once('?').map_or("", |(_, query)| query);
        let scopes: Vec<_> = form(query)
            .into_iter()
            .filter(|(key, _)| key == "scope")
            .map(|(_, scope)| scope)
            .collect();
        Some(self.grant(&scopes, known, false))
    }
}

/// Whether an `Authorization` field is this user's password.
pub fn is_basic(given: Option<&str>, user: &str, password: &str) -> bool {
    given
        == Some(&format!(
            "Basic {}",
            BASE64_STANDARD.encode(format!("{user}:{password}"))
        ))
}
