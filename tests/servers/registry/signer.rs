//! Tokens that another registry can check: JSON Web Tokens signed by ES256, with the certificate that goes with the key
//! (RFC 7515, RFC 7518 section 3.4). OpenSSL's command signs, so that no test needs a crate for it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// What [`Signer::new`]'s tokens are from and for, as the registry has to be told.
pub const ISSUER: &str = "test-issuer";
pub const SERVICE: &str = "test-registry";

pub struct Signer {
    key: PathBuf,
    /// As a token's header holds it: base64 without the lines around it.
    certificate: String,
}

impl Signer {
    /// Both as PEM files.
    pub fn new(key: &Path, certificate: &Path) -> Self {
        let pem = fs_err::read_to_string(certificate).unwrap();
        Self {
            key: key.to_owned(),
            certificate: pem.lines().filter(|line| !line.starts_with("---")).collect(),
        }
    }

    /// A token for `repository:NAME:ACTION,…`, which ends in so many seconds.
    pub fn sign(&self, user: &str, id: u64, scopes: &[String], seconds: i64) -> String {
        let now = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
        let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [self.certificate]});
        let claims = json!({
            "iss": ISSUER, "sub": user, "aud": SERVICE, "jti": id.to_string(),
            "iat": now, "nbf": now - 1000, "exp": now + seconds,
            "access": scopes.iter().filter_map(|scope| access(scope)).collect::<Vec<_>>(),
        });
        let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", encode(&header), encode(&claims));
        let signature = raw(&self.openssl(text.as_bytes()));
        format!("{text}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }

    fn openssl(&self, text: &[u8]) -> Vec<u8> {
        let mut child = Command::new("openssl")
            .args(["dgst", "-sha256", "-sign"])
            .arg(&self.key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text).unwrap();
        child.wait_with_output().unwrap().stdout
    }
}

fn access(scope: &str) -> Option<Value> {
    let (kind, rest) = scope.split_once(':')?;
    let (name, actions) = rest.rsplit_once(':')?;
    let actions: Vec<_> = actions.split(',').filter(|action| !action.is_empty()).collect();
    Some(json!({"type": kind, "name": name, "actions": actions}))
}

/// The two numbers of a signature side by side, which OpenSSL writes as an ASN.1 sequence.
fn raw(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut numbers = vec![];
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        // One zero may lead, and zeros may be left out.
        let digits = &number[length.saturating_sub(32)..];
        numbers.extend(vec![0; 32 - digits.len()]);
        numbers.extend(digits);
        rest = &rest[2 + length..];
    }
    numbers
}
