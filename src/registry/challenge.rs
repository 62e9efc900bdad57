use http_auth::ChallengeParser;
use reqwest::Url;
use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

/// How a registry wants to be told who asks (RFC 9110, 11.6.1; the distribution project's token specification).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Challenge {
    /// User name and password with every request.
    Basic,
    /// A token that another server gives.
    Bearer(TokenServer),
}

/// Who gives tokens for a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenServer {
    /// Where it is.
    pub realm: Url,
    /// What it calls the registry.
    pub service: Option<String>,
    /// What the token must allow, as the registry sees it.
    pub scope: Option<String>,
}

impl Challenge {
    /// The challenge in an answer with the status 401, the most secure one if there are several; `base` is what a
    /// relative realm is relative to.
    pub fn of(headers: &HeaderMap, base: &Url) -> Option<Self> {
        let mut found = None;
        for value in headers.get_all(WWW_AUTHENTICATE) {
            let Ok(value) = value.to_str() else { continue };
            for challenge in ChallengeParser::new(value).map_while(Result::ok) {
                let parameter = |name: &str| {
                    let mut found = challenge
                        .params
                        .iter()
                        .filter(|(key, _)| key.eq_ignore_ascii_case(name));
                    found.next().map(|(_, value)| value.to_unescaped())
                };
                if challenge.scheme.eq_ignore_ascii_case("bearer") {
                    if let Some(realm) = parameter("realm").and_then(|realm| base.join(&realm).ok()) {
                        return Some(Self::Bearer(TokenServer {
                            realm,
                            service: parameter("service"),
                            scope: parameter("scope"),
                        }));
                    }
                } else if challenge.scheme.eq_ignore_ascii_case("basic") {
                    found = Some(Self::Basic);
                }
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge(values: &[&str]) -> Option<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, value.parse().unwrap());
        }
        Challenge::of(&headers, &"https://registry.example/v2/".parse().unwrap())
    }

    #[test]
    fn the_challenge_is_read() {
        assert_eq!(challenge(&[]), None);
        assert_eq!(challenge(&["Basic realm=\"R\""]), Some(Challenge::Basic));
        assert_eq!(challenge(&["Negotiate", "basic realm=x"]), Some(Challenge::Basic));
        let bearer = "Bearer realm=\"https://auth.example/token\",service=\"s\",scope=\"repository:a/b:pull,push\"";
        assert_eq!(
            challenge(&["Basic realm=\"R\"", bearer]),
            Some(Challenge::Bearer(TokenServer {
                realm: "https://auth.example/token".parse().unwrap(),
                service: Some("s".to_owned()),
                scope: Some("repository:a/b:pull,push".to_owned()),
            }))
        );
    }

    #[test]
    fn nonsense_is_no_challenge() {
        assert_eq!(challenge(&["Bearer service=\"s\""]), None, "no realm");
        assert_eq!(challenge(&["Bearer realm=\"http://[\""]), None);
        assert_eq!(challenge(&["\"", "=,=", "Bearer realm"]), None);
    }
}
