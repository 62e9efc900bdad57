use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use reqwest::header::{HeaderMap, HeaderValue};

use super::Error;
use super::challenge::{Challenge, TokenServer};
use super::client::Shared;
use super::credentials::Login;
use super::endpoint::Host;
use super::exchange::basic;
use super::site::own;
use super::token::{Token, Wanted, bearer, fetch};

/// What a request must be allowed to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// The repository; none for the registry itself.
    pub repository: String,
    /// Whether it writes.
    pub push: bool,
    /// Another repository that it reads, to mount a blob.
    pub also: Option<String>,
}

impl Scope {
    /// As a token server takes them.
    fn words(&self) -> Vec<String> {
        let actions = if self.push { "pull,push" } else { "pull" };
        let own = (!self.repository.is_empty()).then(|| format!("repository:{}:{actions}", self.repository));
        let also = self.also.as_ref().map(|name| format!("repository:{name}:pull"));
        own.into_iter().chain(also).collect()
    }
}

/// Who we are at one registry: what it wants to be shown, and the tokens for it.
#[derive(Debug, Default)]
pub struct Authority {
    state: Mutex<State>,
    /// Why the token server was not shown the password, where it was not. Not in the state, which is held while a token is
    /// fetched: whoever is refused one asks for this.
    withheld: Mutex<Option<Error>>,
    /// Whether it, or its token server, was shown who we are.
    is_known: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    challenge: Option<Challenge>,
    tokens: HashMap<Scope, Token>,
    /// Why there is no token, and since when that is known.
    failed: HashMap<Scope, (Instant, Error)>,
    /// Who we are, by repository: to find that out may cost a program's run, and somebody's time who has to allow it.
    logins: HashMap<String, Option<Login>>,
}

impl State {
    /// Who we are in a repository: as found before, or found now.
    fn login(&mut self, shared: &Shared, host: &Host, repository: &str) -> Result<Option<Login>, Error> {
        if let Some(login) = self.logins.get(repository) {
            return Ok(login.clone());
        }
        let found = shared.credentials.find(&host.name, repository)?;
        self.logins.insert(repository.to_owned(), found.clone());
        Ok(found)
    }
}

impl Authority {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to show with a request; nothing before the registry has asked for something.
    pub fn header(&self, shared: &Shared, host: &Host, scope: &Scope) -> Result<Option<HeaderValue>, Error> {
        self.header_since(Instant::now(), shared, host, scope)
    }

    /// The same for a request that has waited since `begin`.
    fn header_since(
        &self,
        begin: Instant,
        shared: &Shared,
        host: &Host,
        scope: &Scope,
    ) -> Result<Option<HeaderValue>, Error> {
        // Held while a token is fetched: of ten transfers that need one, nine wait for it.
        let mut state = self.state();
        let Some(challenge) = state.challenge.clone() else {
            return Ok(None);
        };
        let server = match challenge {
            Challenge::Bearer(server) => server,
            Challenge::Basic => {
                return Ok(match state.login(shared, host, &scope.repository)? {
                    Some(Login::Basic { username, password }) => self.shows(Some(basic(&username, &password))),
                    _ => None,
                });
            }
        };
        if let Some(token) = state.tokens.get(scope).filter(|token| !token.has_expired()) {
            return Ok(Some(token.header.clone()));
        }
        // And are told why there is none, where each would otherwise try as often as the first one did.
        if let Some((_, error)) = state.failed.get(scope).filter(|(at, _)| *at >= begin) {
            return Err(error.clone());
        }
        if shared.cancel.is_cancelled() {
            return Err(Error::Interrupted);
        }
        let renewed = self.renew(&mut state, shared, host, scope, &server);
        // Who was stopped says nothing of the others' token.
        if let Err(error) = &renewed
            && !matches!(error, Error::Interrupted)
        {
            state.failed.insert(scope.clone(), (Instant::now(), error.clone()));
        }
        renewed
    }

    /// Another token, or the one that is kept among the credentials.
    fn renew(
        &self,
        state: &mut State,
        shared: &Shared,
        host: &Host,
        scope: &Scope,
        server: &TokenServer,
    ) -> Result<Option<HeaderValue>, Error> {
        let is_kept = state.logins.contains_key(&scope.repository);
        let login = state.login(shared, host, &scope.repository)?;
        if let Some(Login::RegistryToken(token)) = &login {
            return Ok(self.shows(bearer(token.expose())));
        }
        let token = match self.token(shared, host, scope, server, login.as_ref()) {
            // Who we were a while ago may be somebody else by now.
            Err(error @ Error::Untokened { .. }) if is_kept => {
                state.logins.remove(&scope.repository);
                let now = state.login(shared, host, &scope.repository)?;
                if now == login {
                    return Err(error);
                }
                self.token(shared, host, scope, server, now.as_ref())?
            }
            token => token?,
        };
        let header = token.header.clone();
        state.tokens.insert(scope.clone(), token);
        Ok(Some(header))
    }

    /// Another token for `scope`: of `login` where the token server may see who that is, else of anybody.
    fn token(
        &self,
        shared: &Shared,
        host: &Host,
        scope: &Scope,
        server: &TokenServer,
        login: Option<&Login>,
    ) -> Result<Token, Error> {
        let foreign = own(host, &server.realm).err();
        let is_own = foreign.is_none();
        let mut scopes = scope.words();
        // A foreign one would be asked for whatever the registry likes to have.
        if scopes.is_empty() && is_own {
            scopes.extend(server.scope.clone());
        }
        let wanted = Wanted {
            realm: &server.realm,
            service: server.service.as_deref(),
            scopes: &scopes,
        };
        let withheld = foreign.filter(|_| login.is_some());
        *self.withheld.lock().unwrap_or_else(PoisonError::into_inner) = withheld;
        let login = login.filter(|_| is_own);
        if login.is_some() {
            self.is_known.store(true, Ordering::Relaxed);
        }
        fetch(shared, host, &wanted, login)
    }

    /// Takes note that it is shown who we are.
    fn shows(&self, header: Option<HeaderValue>) -> Option<HeaderValue> {
        if header.is_some() {
            self.is_known.store(true, Ordering::Relaxed);
        }
        header
    }

    /// Takes note of an answer with the status 401 to a request that showed `shown`. Returns whether there is something
    /// else to show, and `challenges` admit it.
    pub fn challenged(
        &self,
        shared: &Shared,
        host: &Host,
        scope: &Scope,
        headers: &HeaderMap,
        shown: Option<&HeaderValue>,
        challenges: &mut Challenges,
    ) -> Result<bool, Error> {
        let begin = Instant::now();
        let Some(mut challenge) = Challenge::of(headers, &host.base) else {
            return Ok(false);
        };
        if let Challenge::Bearer(server) = &mut challenge {
            server.realm = host.as_before(server.realm.clone());
        }
        {
            let mut state = self.state();
            state.challenge = Some(challenge);
            let is_replaced = state
                .tokens
                .get(scope)
                .is_some_and(|token| Some(&token.header) != shown && !token.has_expired());
            if !challenges.admit(is_replaced) {
                return Ok(false);
            }
            if state
                .tokens
                .get(scope)
                .is_some_and(|token| Some(&token.header) == shown)
            {
                state.tokens.remove(scope);
            }
            // What was no good is not shown again, unless it is still what the files say.
            if shown.is_some() {
                state.logins.remove(&scope.repository);
            }
        }
        let header = self.header_since(begin, shared, host, scope)?;
        Ok(header.is_some() && header.as_ref() != shown)
    }

    /// Why the token server was not shown the password, where it was not.
    pub fn withheld(&self) -> Option<Error> {
        self.withheld.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether it was shown who we are, and not only that we are somebody.
    pub fn is_known(&self) -> bool {
        self.is_known.load(Ordering::Relaxed)
    }
}

/// How often the registry has asked one request who we are. Of several at a time each may find its token used up, and
/// then the next one that somebody else got meanwhile; but nobody asks for new ones for ever.
#[derive(Debug, Clone, Copy, Default)]
pub struct Challenges {
    own: u8,
    replaced: u8,
}

impl Challenges {
    /// Tokens that a request may ask for itself: the first time, and once more for one that ended on its way.
    const MOST_OWN: u8 = 2;
    /// Tokens of others that it may try.
    const MOST_REPLACED: u8 = 8;

    /// Counts another one, which is answered by what somebody else got (`is_replaced`) or by asking; whether it may be.
    const fn admit(&mut self, is_replaced: bool) -> bool {
        let (count, most) = if is_replaced {
            (&mut self.replaced, Self::MOST_REPLACED)
        } else {
            (&mut self.own, Self::MOST_OWN)
        };
        *count += 1;
        *count <= most
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_spelled_as_token_servers_take_them() {
        let scope = |push, also: Option<&str>| {
            Scope {
                repository: "a/b".to_owned(),
                push,
                also: also.map(str::to_owned),
            }
            .words()
        };
        assert_eq!(scope(false, None), ["repository:a/b:pull"]);
        assert_eq!(
            scope(true, Some("c")),
            ["repository:a/b:pull,push", "repository:c:pull"]
        );
    }
}
