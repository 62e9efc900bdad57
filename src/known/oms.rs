//! The list of digests in a signature of the OpenSSF's model signing: a Sigstore bundle with a DSSE envelope around an
//! in-toto statement (<https://github.com/sigstore/model-transparency>). The signature is not verified.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::sums::relative;
use super::{Claim, Error, Listed, Origin, Trust, document};
use crate::digest::Digest;

/// What `model_signing sign` calls its output.
const NAME: &str = "model.sig";

/// The one kind of statement that lists files.
const PREDICATE: &str = "https://model_signing/signature/v1.0";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    dsse_envelope: Envelope,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    payload_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Deserialize)]
struct Predicate {
    serialization: Serialization,
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Serialization {
    method: String,
}

#[derive(Deserialize)]
struct Resource {
    name: String,
    algorithm: String,
    digest: String,
}

/// What the signature in a directory says of the files there.
pub(super) fn read(directory: &Path) -> Result<Listed, Error> {
    let path = directory.join(NAME);
    let Some(bytes) = document::read(&path)? else {
        return Ok(Listed::new());
    };
    let resources = resources(&bytes).map_err(|why| Error::Malformed {
        path: path.clone(),
        what: "OpenSSF model signature",
        why,
    })?;
    let origin = Origin {
        trust: Trust::Oms,
        path,
        line: None,
    };
    let mut listed = Listed::new();
    for resource in resources {
        // Other algorithms tell nothing here.
        let digest = Digest::from_hex(&resource.digest).filter(|_| resource.algorithm == "sha256");
        if let (Some(name), Some(digest)) = (relative(&resource.name), digest) {
            let origin = origin.clone();
            listed.entry(name).or_default().push(Claim { digest, origin });
        }
    }
    Ok(listed)
}

fn resources(bytes: &[u8]) -> Result<Vec<Resource>, String> {
    let bundle: Bundle = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let Envelope { payload, payload_type } = bundle.dsse_envelope;
    if payload_type != "application/vnd.in-toto+json" {
        return Err(format!("its payload is `{payload_type}`"));
    }
    let payload = STANDARD
        .decode(payload)
        .map_err(|error| format!("its payload is not base64: {error}"))?;
    let statement: Statement =
        serde_json::from_slice(&payload).map_err(|error| format!("its payload cannot be read: {error}"))?;
    if statement.predicate_type != PREDICATE {
        return Err(format!("it says `{}`, not `{PREDICATE}`", statement.predicate_type));
    }
    // Digests of parts of files (`shards`) are none of files.
    let whole = statement.predicate.serialization.method == "files";
    Ok(if whole {
        statement.predicate.resources
    } else {
        Vec::new()
    })
}
