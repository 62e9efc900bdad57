//! What somebody may have meant who wrote something else: a reference without its transport, or with another one.

use std::net::Ipv4Addr;
use std::path::Path;

use strsim::damerau_levenshtein;

use super::{Address, Name, Taken};

/// What is typed before a colon.
const TRANSPORTS: [&str; 3] = ["oci", "oci-archive", "docker"];

/// What oras and buildx call `oci`, and regctl.
const LAYOUTS: [&str; 2] = ["oci-layout", "ocidir"];

/// Of skopeo and podman, for places that nothing here reads or writes.
const FOREIGN: [&str; 5] = ["docker-archive", "docker-daemon", "containers-storage", "dir", "oras"];

/// What may be meant by a path where nothing is, and that is relative to `directory`: of what is `taken`, a tag behind a
/// place that is there, or a registry. A digest may stand behind it.
pub fn by_nothing(text: &str, directory: &Path, taken: Taken) -> Option<String> {
    let tagged = text.split_once("@sha256:").map_or(text, |(tagged, _)| tagged);
    if let Some((place, _)) = tagged.rsplit_once(':')
        && let Ok(metadata) = fs_err::metadata(directory.join(place))
    {
        let transport = if metadata.is_dir() { "oci" } else { "oci-archive" };
        return taken.takes(transport).then(|| match taken {
            Taken::Layout => format!("name `{place}` alone: a layout is taken as a whole"),
            _ => format!("write `{transport}:{tagged}` for the artifact of that tag in `{place}`"),
        });
    }
    if is_in_registry(text) {
        let is_taken = taken.takes("docker");
        return is_taken.then(|| format!("write `docker://{text}` for an artifact in a registry"));
    }
    if let Some(transport) = foreign(text) {
        return Some(format!("nothing here reads `{transport}:`; {}", taken.places()));
    }
    mistyped(text, taken).map(|meant| format!("did you mean `{meant}`?"))
}

/// The transport that `text` begins with, where it is one of other tools for what is no place here.
pub fn foreign(text: &str) -> Option<&'static str> {
    let (typed, _) = text.split_once(':')?;
    FOREIGN.into_iter().find(|transport| *transport == typed)
}

/// Why `text` names no artifact in a registry, though docker would take it for one of its own: it begins as another sort
/// of place does. With `docker://` before it, it is what docker takes it for.
pub fn no_registry(text: &str) -> Option<String> {
    let (typed, rest) = text.split_once(':')?;
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    // A host may have such a name, too.
    if rest.split_once('/').is_some_and(|(port, _)| is_port(port)) {
        return None;
    }
    let what = if typed == "oci" || LAYOUTS.contains(&typed) {
        "a layout, which `modelbuild copy` reads and writes"
    } else if typed == "oci-archive" {
        "a tarball, which `modelbuild copy` reads and writes"
    } else {
        foreign(text)?;
        "none, nor a place that `modelbuild copy` takes, as `oci:DIR` and `oci-archive:FILE` are"
    };
    Some(format!(
        "an artifact in a registry is named `HOST/REPOSITORY[:TAG]`; `{text}` is {what}"
    ))
}

/// What may be meant by a path that is to be written to, and that nobody would choose: with a tag behind it, or a
/// transport before it. `./` makes a path of any of them.
pub fn by_new(text: &str) -> Option<String> {
    if text.starts_with(['.', '/']) {
        return None;
    }
    let meant = if is_in_registry(text) && (text.contains(':') || begins_with_a_domain(text)) {
        format!("docker://{text}")
    } else if let Some(meant) = mistyped(text, Taken::Anywhere) {
        meant
    } else {
        let (path, tag) = text.rsplit_once(':')?;
        Name::of_tag(tag).filter(|_| !path.is_empty() && !path.contains(':'))?;
        let is_tar = path.to_ascii_lowercase().ends_with(".tar");
        format!("{}:{text}", if is_tar { "oci-archive" } else { "oci" })
    };
    if text.contains("://") {
        return Some(format!("write `{meant}`"));
    }
    Some(format!("write `{meant}`, or `./{text}` for a path of that name"))
}

/// Whether it begins like a registry, and goes on as its artifacts do.
fn is_in_registry(text: &str) -> bool {
    let Some((host, _)) = text.split_once('/') else {
        return false;
    };
    let is_host = host == "localhost" || host.contains(':') || host.trim_matches('.').contains('.');
    is_host && !host.ends_with(':') && text.parse::<Address>().is_ok()
}

/// Whether what seems to be a host is a name as registries have them, and no directory that is here.
fn begins_with_a_domain(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let top = host.rsplit('.').next().unwrap_or_default();
    let is_domain = top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_domain || host.parse::<Ipv4Addr>().is_ok())
        && !text.to_ascii_lowercase().ends_with(".tar")
        && !Path::new(host).exists()
}

/// The same with the transport that was meant, where that is of a place that is `taken`.
fn mistyped(text: &str, taken: Taken) -> Option<String> {
    let (typed, rest) = text.split_once(':')?;
    if LAYOUTS.contains(&typed) {
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        return (!rest.is_empty()).then(|| format!("oci:{rest}"));
    }
    let distance = |transport: &str| damerau_levenshtein(typed, transport);
    // One slip in three letters.
    let is_near = |transport: &&str| typed.len() <= 20 && distance(transport) <= transport.len() / 3;
    let near = || TRANSPORTS.into_iter().filter(is_near).min_by_key(|near| distance(near));
    let transport = if rest.starts_with("//") { "docker" } else { near()? };
    if !taken.takes(transport) {
        return None;
    }
    if transport != "docker" {
        return (typed != transport && !rest.is_empty()).then(|| format!("{transport}:{rest}"));
    }
    let address = rest.trim_start_matches('/');
    address.parse::<Address>().ok()?;
    Some(format!("docker://{address}"))
}
