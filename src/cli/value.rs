//! What the values of options are made of.

use std::num::NonZeroUsize;
use std::path::Path;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::size::bytes;
use crate::modelfile::Argument;
use crate::registry::is_host;
use crate::store::{Choice, Location, Name, NameError, Reference, ReferenceError};

/// `KEY=VALUE`; buildx's `manifest:KEY=VALUE` means the same.
pub fn annotation(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected KEY=VALUE")?;
    let key = key.strip_prefix("manifest:").unwrap_or(key);
    if key.is_empty()
        || key
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
    {
        return Err("the key is empty or has white space".to_owned());
    }
    if ["index:", "manifest-descriptor:", "index-descriptor:"]
        .iter()
        .any(|kind| key.starts_with(kind))
    {
        return Err("only the manifest can be annotated".to_owned());
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// `HOST[:PORT]`; a URL of the registry means the same.
pub fn registry(text: &str) -> Result<String, &'static str> {
    let bare = ["https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme));
    let host = bare.unwrap_or(text).trim_end_matches('/');
    if !is_host(host) {
        return Err("expected HOST or HOST:PORT, such as `ghcr.io`");
    }
    Ok(host.to_owned())
}

/// `NAME=VALUE`, or `NAME` alone.
pub fn build_arg(text: &str) -> Result<(String, Option<String>), &'static str> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (text, None),
    };
    if !Argument::is_name(name) {
        return Err("expected NAME=VALUE or NAME, where a name is made of letters, digits and `_`, no digit first");
    }
    value.map_or(Ok(()), build_arg_value)?;
    Ok((name.to_owned(), value.map(str::to_owned)))
}

/// What a line of a Modelfile could hold in quotes, so that a value can do no more than a line.
pub fn build_arg_value(value: &str) -> Result<(), &'static str> {
    if value
        .chars()
        .any(|character| character.is_control() && character != '\t')
    {
        return Err("the value holds a line break or another control character");
    }
    Ok(())
}

/// An artifact that lies somewhere.
#[derive(Debug, Clone)]
pub struct Named {
    /// As it was typed.
    pub text: String,
    /// What that means.
    pub reference: Reference,
}

/// As `FROM` takes it, seen from the working directory.
pub fn place(text: &str) -> Result<Named, ReferenceError> {
    let reference = Reference::parse(text, Path::new(""))?;
    let text = text.to_owned();
    Ok(Named { text, reference })
}

/// A tag alone, or with its repository. One word is a tag, which `-t` would take for a repository.
pub fn tag(text: &str) -> Result<Name, NameError> {
    Name::of_tag(text).map_or_else(|| text.parse(), Ok)
}

/// A tag that an artifact is to have, where it is.
#[derive(Debug, Clone)]
pub struct NewTag {
    /// The tag.
    pub name: Name,
    /// The whole reference, where it was typed.
    pub named: Option<Named>,
}

/// What [`tag`] takes, or the reference that the artifact has then.
pub fn new_tag(text: &str) -> Result<NewTag, String> {
    let has_transport = ["oci:", "oci-archive:", "docker://"].iter();
    if !has_transport.copied().any(|transport| text.starts_with(transport)) {
        let name = tag(text).map_err(|error| error.to_string())?;
        return Ok(NewTag { name, named: None });
    }
    let named = place(text).map_err(|error| error.to_string())?;
    let tag = match (&named.reference.choice, &named.reference.location) {
        (Choice::Tag(tag), _) => Some(tag),
        (_, Location::Registry(address)) => address.tag.as_ref(),
        _ => None,
    };
    let name = tag.and_then(|tag| Name::of_tag(tag)).ok_or("it has no tag")?;
    Ok(NewTag {
        name,
        named: Some(named),
    })
}

/// At least one.
pub fn jobs(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "expected a number, at least 1")
}

/// A number of bytes.
pub fn size(text: &str) -> Result<u64, &'static str> {
    bytes(text).ok_or("expected a number of bytes, such as `400GB` or `64MiB`")
}

/// Any number of days.
pub fn days(text: &str) -> Result<u32, &'static str> {
    text.parse().map_err(|_| "expected a number of days, such as `30`")
}

/// Any number of further attempts.
pub fn retries(text: &str) -> Result<u32, &'static str> {
    text.parse().map_err(|_| "expected a number, 0 for none")
}

/// A time to wait: a number with its unit, or of seconds.
pub fn duration(text: &str) -> Result<Duration, &'static str> {
    /// Longer than anybody waits, and short enough to be multiplied and added to a time.
    const LONGEST: Duration = Duration::from_hours(24);
    let seconds = text.parse().ok().map(Duration::from_secs);
    let with_unit = || Duration::try_from(text.parse::<SignedDuration>().ok()?).ok();
    seconds
        .or_else(with_unit)
        .filter(|duration| !duration.is_zero() && *duration <= LONGEST)
        .ok_or("expected a time up to a day, such as `90s` or `5m`")
}

/// RFC 3339, or what [`epoch`] takes.
pub fn time(text: &str) -> Result<Timestamp, &'static str> {
    text.parse()
        .or_else(|_| epoch(text))
        .map_err(|_| "expected a time with its zone, such as `2026-01-31T12:00:00Z`, or whole seconds since 1970")
}

/// Whole seconds since 1970: all that the specification of `SOURCE_DATE_EPOCH` (reproducible-builds.org) allows.
pub fn epoch(text: &str) -> Result<Timestamp, &'static str> {
    let wrong = "expected whole seconds since 1970, such as `1769860800`";
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong);
    }
    let seconds = text.parse().map_err(|_| wrong)?;
    Timestamp::from_second(seconds).map_err(|_| wrong)
}
