//! The text of a file of settings to settings, or to findings with their places: all of them in one run.

use std::ffi::OsString;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::file::{File, Owner};
use super::probe::Probe;
use super::registries::{OfRegistry, TABLE, registries};
use super::text::{span, texts};
use super::{Key, Origin, Setting, Shape, place};
use crate::cli::exit::Failure;
use crate::modelfile::{Diagnostic, Diagnostics, Source, Span, nearest, quoted};

/// What a project may not decide, for its author may be a stranger: whom to believe, how safe the places are that this
/// user keeps things in, who the user is elsewhere, who can listen there, and whether anything is sent there.
const USERS_OWN: [&str; 12] = [
    "ca-file",
    "cache-dir",
    "client-cert",
    "client-key",
    "insecure",
    "link",
    "no-sync",
    "password-stdin",
    "plain-http",
    "push",
    "trust",
    "username",
];

/// What a file says.
#[derive(Debug, Default)]
pub struct Said {
    /// Of options.
    pub options: Vec<Setting>,
    /// Of registries.
    pub registries: Vec<OfRegistry>,
}

/// The settings that `source` states, the text of `file`.
pub fn settings(source: &Source, file: &File, keys: &[Key], probe: &mut Probe, wrong: &mut Vec<Failure>) -> Said {
    let (table, errors) = DeTable::parse_recoverable(&source.text);
    let mut findings: Vec<Diagnostic> = errors.iter().map(|error| syntax(error, source)).collect();
    let mut said = Said::default();
    if findings.is_empty() {
        let mut document = Document {
            source,
            file,
            keys,
            probe,
        };
        let mut stated: Vec<(&Key, Span)> = Vec::new();
        for (name, value) in table.get_ref() {
            let span = span(name);
            if name.get_ref() == TABLE {
                said.registries = registries(value, source, file, &mut findings);
                continue;
            }
            match document.key(name.get_ref(), span) {
                Ok(key) => {
                    let found = document.values(key, value, &mut findings);
                    if found
                        .iter()
                        .any(|setting| setting.values.iter().any(|value| value != "false"))
                    {
                        stated.push((key, span));
                    }
                    said.options.extend(found);
                }
                Err(finding) => findings.push(*finding),
            }
        }
        findings.extend(exclusions(stated));
    }
    if findings.is_empty() {
        return said;
    }
    findings.sort_by_key(|finding| finding.primary.0);
    wrong.push(Failure::Findings(Box::new(source.clone()), Diagnostics(findings)));
    Said::default()
}

struct Document<'a> {
    source: &'a Source,
    file: &'a File,
    keys: &'a [Key],
    probe: &'a mut Probe,
}

impl<'a> Document<'a> {
    /// The key called `name`, if the file may set it.
    fn key(&self, name: &str, span: Span) -> Result<&'a Key, Box<Diagnostic>> {
        let Some(key) = self.keys.iter().find(|key| key.name == name) else {
            let finding = Diagnostic::error(format!("unknown setting {}", quoted(name)), span);
            let names = self.keys.iter().map(|key| key.name.as_str()).chain([TABLE]);
            return Err(Box::new(match nearest(name, names) {
                Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                None => {
                    finding.help("`modelbuild config` lists all settings; each is a long option without its dashes")
                }
            }));
        };
        if self.file.owner == Owner::Project && USERS_OWN.contains(&key.name.as_str()) {
            let finding = Diagnostic::error(format!("`{name}` is not for a project to decide"), span);
            let help = format!(
                "give `--{name}`, set `{}`, or write it into your own file",
                key.variable()
            );
            return Err(Box::new(finding.help(help)));
        }
        Ok(key)
    }

    /// What is said about `key`: one setting for each pair, else one for all.
    fn values(&mut self, key: &Key, value: &Spanned<DeValue>, findings: &mut Vec<Diagnostic>) -> Vec<Setting> {
        let mut values = Vec::new();
        for text in texts(key, value) {
            match text.and_then(|(text, span)| Ok((self.value(key, text, span)?, span))) {
                Ok(value) => values.push(value),
                Err(finding) => findings.push(*finding),
            }
        }
        let origin = |span| Origin::File {
            owner: self.file.owner,
            name: self.source.name.clone(),
            line: self.source.line(span),
        };
        if key.shape == Shape::Pairs {
            let pairs = values.into_iter();
            pairs
                .flat_map(|(pair, span)| Setting::of(key, vec![pair], &origin(span)))
                .collect()
        } else {
            let values = values.into_iter().map(|(value, _)| value).collect();
            Setting::of(key, values, &origin(span(value)))
        }
    }

    /// The value as it would be typed, if the option takes it.
    fn value(&mut self, key: &Key, text: String, span: Span) -> Result<OsString, Box<Diagnostic>> {
        let shown = quoted(&text);
        let value = place::typed(text, key.holds, self.file)
            .map_err(|misplaced| Diagnostic::error(format!("{shown} {}", misplaced.why), span).help(misplaced.help))?;
        match self.probe.check(key, &value) {
            Ok(()) => Ok(value),
            Err(refusal) => {
                let finding = Diagnostic::error(format!("`{}` is {shown}: {}", key.name, refusal.why), span);
                Err(Box::new(match refusal.meant {
                    Some(meant) => finding.help(format!("did you mean `{meant}`?")),
                    None => finding,
                }))
            }
        }
    }
}

/// What is no TOML.
fn syntax(error: &toml::de::Error, source: &Source) -> Diagnostic {
    let end = source.text.len();
    let place = error.span().unwrap_or(end..end);
    let span = Span {
        start: place.start,
        end: place.end,
    };
    Diagnostic::error(error.message(), span)
}

/// Two keys of one file that cannot both hold.
fn exclusions(mut stated: Vec<(&Key, Span)>) -> Vec<Diagnostic> {
    stated.sort_by_key(|(_, span)| *span);
    let mut findings = Vec::new();
    while let Some((later, at)) = stated.pop() {
        for (earlier, other) in stated.iter().filter(|(earlier, _)| earlier.excludes(later)) {
            let message = format!("`{}` and `{}` exclude each other", earlier.name, later.name);
            findings.push(Diagnostic::error(message, at).also(*other, "stated here, too"));
        }
    }
    findings
}
