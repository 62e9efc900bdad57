use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

use super::{Login, Secret};

/// Base64 as docker writes it; Kubernetes's tools leave the padding out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// An entry of `auths` (docker/cli, `cli/config/types.AuthConfig`).
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Entry {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

/// Why an entry says nothing.
pub struct Undecodable(pub &'static str);

impl Entry {
    /// Who that is; nobody where all is empty, as where a program keeps it.
    pub fn login(self) -> Result<Option<Login>, Undecodable> {
        let token = |text: Option<String>| text.filter(|text| !text.is_empty()).map(Secret::new);
        if let Some(token) = token(self.registrytoken) {
            return Ok(Some(Login::RegistryToken(token)));
        }
        if let Some(token) = token(self.identitytoken) {
            return Ok(Some(Login::IdentityToken(token)));
        }
        match self.auth.filter(|auth| !auth.is_empty()) {
            Some(auth) => decode(&auth).map(Some),
            None => Ok(Login::of_pair(
                &self.username.unwrap_or_default(),
                &self.password.unwrap_or_default(),
            )),
        }
    }
}

fn decode(auth: &str) -> Result<Login, Undecodable> {
    let bytes = BASE64
        .decode(auth)
        .map_err(|_| Undecodable("has an `auth` that is not base64"))?;
    let text = String::from_utf8(bytes).map_err(|_| Undecodable("has an `auth` that is not text"))?;
    let (username, password) = text
        .split_once(':')
        .ok_or(Undecodable("has an `auth` without a `:` between user and password"))?;
    // Docker pads with them, or did.
    Login::of_pair(username, password.trim_matches('\0')).ok_or(Undecodable("has an empty `auth`"))
}

/// `username` and `secret` as the field `auth` holds them.
pub fn encode(username: &str, secret: &str) -> String {
    BASE64.encode(format!("{username}:{secret}"))
}
