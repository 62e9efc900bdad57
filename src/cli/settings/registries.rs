//! The tables `[registry."HOST"]`: how each registry is spoken to.

use std::borrow::Cow;
use std::ffi::OsString;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::DeValue;

use super::file::{File, Owner};
use super::key::Holds;
use super::text::{span, texts};
use super::{Key, Origin, Setting, Shape, place};
use crate::cli::size::bytes;
use crate::modelfile::{Diagnostic, Source, Span, nearest, quoted};
use crate::registry::{self, is_host, is_mirror};

/// The table that holds one for each registry.
pub const TABLE: &str = "registry";

const TOKEN_SERVER: &str = "token-server";
const MIRRORS: &str = "mirrors";
const CHUNK_SIZE: &str = "chunk-size";
const LARGEST_LAYER: &str = "largest-layer";

/// Less than that is all overhead.
const SMALLEST_CHUNK: u64 = 64 << 10;

/// What can be said of a registry.
const KEYS: [(&str, Shape, Holds); 10] = [
    ("plain-http", Shape::Flag, Holds::Text),
    ("insecure", Shape::Flag, Holds::Text),
    ("ca-file", Shape::One, Holds::Path),
    ("client-cert", Shape::One, Holds::Path),
    ("client-key", Shape::One, Holds::Path),
    (TOKEN_SERVER, Shape::One, Holds::Text),
    (MIRRORS, Shape::Many, Holds::Text),
    ("single-put", Shape::Flag, Holds::Text),
    (CHUNK_SIZE, Shape::One, Holds::Text),
    (LARGEST_LAYER, Shape::One, Holds::Text),
];

/// What a project may say of it. All else decides where something is sent, who can read it there, or who is believed
/// to be the one who was meant (docs/decisions/0006).
const ANYBODYS: [&str; 3] = ["single-put", CHUNK_SIZE, LARGEST_LAYER];

/// What somebody said of one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfRegistry {
    /// `HOST[:PORT]`, as it was written.
    pub host: String,
    /// What.
    pub setting: Setting,
}

impl OfRegistry {
    /// Its place in a file: `registry."HOST".KEY`.
    pub fn key(&self) -> String {
        format!("{TABLE}.\"{}\".{}", self.host, self.setting.key)
    }

    /// Whether its value is on or off.
    pub fn is_flag(&self) -> bool {
        KEYS.iter()
            .any(|(name, shape, _)| self.setting.key == *name && *shape == Shape::Flag)
    }
}

/// What `value`, the table of registries in `file`, says.
pub fn registries(
    value: &Spanned<DeValue>,
    source: &Source,
    file: &File,
    findings: &mut Vec<Diagnostic>,
) -> Vec<OfRegistry> {
    let DeValue::Table(hosts) = value.get_ref() else {
        findings
            .push(no_table(TABLE, value).help(format!("write `[{TABLE}.\"HOST\"]`, and below it what holds there")));
        return Vec::new();
    };
    let mut said = Vec::new();
    for (host, value) in hosts {
        let name = host.get_ref();
        let DeValue::Table(stated) = value.get_ref() else {
            let finding = no_table(&format!("{TABLE}.\"{name}\""), value);
            findings.push(finding.help(format!("write `[{TABLE}.\"HOST\"]`, and below it what holds there")));
            continue;
        };
        if !is_host(name) {
            let finding = Diagnostic::error(format!("{} is no registry", quoted(name)), span(host));
            let help = format!("write its host, and its port if it has one: `[{TABLE}.\"localhost:5000\"]`");
            findings.push(finding.help(help));
            continue;
        }
        for (key, value) in stated {
            match setting(key, value, source, file, findings) {
                Ok(setting) => said.push(OfRegistry {
                    host: name.clone().into_owned(),
                    setting,
                }),
                Err(finding) => findings.push(*finding),
            }
        }
    }
    said
}

fn setting(
    name: &Spanned<Cow<str>>,
    value: &Spanned<DeValue>,
    source: &Source,
    file: &File,
    findings: &mut Vec<Diagnostic>,
) -> Result<Setting, Box<Diagnostic>> {
    let key = key(name.get_ref(), value, span(name), file)?;
    let mut values = Vec::new();
    for text in texts(&key, value) {
        match text.and_then(|(text, span)| self::value(&key, text, span, file)) {
            Ok(value) => values.push(value),
            Err(finding) => findings.push(*finding),
        }
    }
    Ok(Setting {
        key: key.name,
        values,
        origin: Origin::File {
            owner: file.owner,
            name: source.name.clone(),
            line: source.line(span(name)),
        },
    })
}

/// The key called `name`, if the file may set it.
fn key(name: &str, value: &Spanned<DeValue>, span: Span, file: &File) -> Result<Key, Box<Diagnostic>> {
    let Some((name, shape, holds)) = KEYS.into_iter().find(|(key, ..)| *key == name) else {
        let finding = Diagnostic::error(format!("unknown setting {} of a registry", quoted(name)), span);
        return Err(Box::new(match nearest(name, KEYS.iter().map(|(key, ..)| *key)) {
            Some(meant) => finding.help(format!("did you mean `{meant}`?")),
            None if value.get_ref().is_table() => finding.help(format!(
                "a host with dots in it stands in quotes: `[{TABLE}.\"ghcr.io\"]`"
            )),
            None => {
                let names: Vec<_> = KEYS.iter().map(|(key, ..)| format!("`{key}`")).collect();
                finding.help(format!("there are {}", names.join(", ")))
            }
        }));
    };
    if file.owner == Owner::Project && !ANYBODYS.contains(&name) {
        let finding = Diagnostic::error(format!("`{name}` of a registry is not for a project to decide"), span);
        return Err(Box::new(finding.help("write it into your own file")));
    }
    Ok(Key::alone(name, shape, holds))
}

/// The value as commands take it.
fn value(key: &Key, text: String, span: Span, file: &File) -> Result<OsString, Box<Diagnostic>> {
    let shown = quoted(&text);
    if text.is_empty() {
        return Err(Box::new(Diagnostic::error(format!("`{}` is empty", key.name), span)));
    }
    if key.name == TOKEN_SERVER && !is_host(&text) {
        let finding = Diagnostic::error(format!("{shown} is no host"), span);
        return Err(Box::new(
            finding.help("write `HOST[:PORT]`, without `https://` and a path"),
        ));
    }
    if key.name == MIRRORS && !is_mirror(&text) {
        let finding = Diagnostic::error(format!("{shown} is no mirror"), span);
        return Err(Box::new(finding.help(
            "write `HOST[:PORT]`, and below it the path that stands before every repository, if any",
        )));
    }
    if key.name == CHUNK_SIZE && bytes(&text).is_none_or(|size| size < SMALLEST_CHUNK) {
        let finding = Diagnostic::error(format!("{shown} is no size of a chunk"), span);
        return Err(Box::new(finding.help("write at least 64 KiB, such as `\"16MiB\"`")));
    }
    if key.name == LARGEST_LAYER && bytes(&text).is_none_or(|size| size == 0) {
        let finding = Diagnostic::error(format!("{shown} is no size of a layer"), span);
        return Err(Box::new(finding.help("write a size such as `\"50GiB\"`")));
    }
    let placed = place::typed(text, key.holds, file);
    placed.map_err(|misplaced| {
        Box::new(Diagnostic::error(format!("{shown} {}", misplaced.why), span).help(misplaced.help))
    })
}

fn no_table(name: &str, value: &Spanned<DeValue>) -> Diagnostic {
    Diagnostic::error(format!("`{name}` is no table"), span(value))
}

/// What is in force of `layers`, those of more weight first.
pub fn merge(layers: Vec<Vec<OfRegistry>>) -> Vec<OfRegistry> {
    let mut merged: Vec<OfRegistry> = Vec::new();
    for said in layers.into_iter().flatten() {
        let is_same =
            |other: &OfRegistry| other.host.eq_ignore_ascii_case(&said.host) && other.setting.key == said.setting.key;
        if !merged.iter().any(is_same) {
            merged.push(said);
        }
    }
    merged.sort_by_key(|said| {
        let place = KEYS.iter().position(|(key, ..)| *key == said.setting.key);
        (said.host.to_ascii_lowercase(), place)
    });
    merged
}

/// The same for the room that speaks to registries.
pub fn settings(said: &[OfRegistry]) -> registry::Settings {
    let mut settings = registry::Settings::default();
    for OfRegistry { host, setting } in said {
        let host = settings.host_mut(host);
        let path = || setting.values.first().map(PathBuf::from);
        let text = |value: &OsString| value.to_string_lossy().into_owned();
        match setting.key.as_str() {
            "plain-http" => host.plain_http = Some(setting.is_on()),
            "insecure" => host.insecure = setting.is_on(),
            "ca-file" => host.ca_file = path(),
            "client-cert" => host.client_cert = path(),
            "client-key" => host.client_key = path(),
            TOKEN_SERVER => host.token_server = setting.values.first().map(text),
            MIRRORS => host.mirrors = setting.values.iter().map(text).collect(),
            CHUNK_SIZE => host.chunk_size = setting.values.first().map(text).as_deref().and_then(bytes),
            LARGEST_LAYER => host.largest_layer = setting.values.first().map(text).as_deref().and_then(bytes),
            _ => host.single_put = Some(setting.is_on()),
        }
    }
    settings
}
