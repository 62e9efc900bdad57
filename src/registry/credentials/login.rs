use super::Secret;

/// The user name that docker writes where the secret is an identity token.
pub(super) const TOKEN_USER: &str = "<token>";

/// What proves to a registry who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// For basic authentication, at the registry or where it sends for tokens.
    Basic {
        /// Who.
        username: String,
        /// The password, or a token that the registry takes for one.
        password: Secret,
    },
    /// To be exchanged for access tokens where the registry sends for them (`grant_type=refresh_token`).
    IdentityToken(Secret),
    /// An access token already, sent to the registry as it is (`Authorization: Bearer`).
    RegistryToken(Secret),
}

impl Login {
    /// Who, where that is known.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        match self {
            Self::Basic { username, .. } => Some(username),
            Self::IdentityToken(_) | Self::RegistryToken(_) => None,
        }
    }

    /// A user name and a secret as they stand in files and come from programs; nothing where both are empty.
    pub(super) fn of_pair(username: &str, secret: &str) -> Option<Self> {
        let secret_of = || Secret::new(secret.to_owned());
        match (username, secret) {
            ("", "") => None,
            (TOKEN_USER, _) => Some(Self::IdentityToken(secret_of())),
            _ => Some(Self::Basic {
                username: username.to_owned(),
                password: secret_of(),
            }),
        }
    }

    /// The user name and the secret as they are written down; an access token has no such form, for it is worth
    /// nothing an hour later.
    pub(super) fn pair(&self) -> Option<(&str, &str)> {
        match self {
            Self::Basic { username, password } => Some((username, password.expose())),
            Self::IdentityToken(token) => Some((TOKEN_USER, token.expose())),
            Self::RegistryToken(_) => None,
        }
    }
}
