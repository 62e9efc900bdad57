use std::io::{IsTerminal as _, Write as _};

use anstyle::{AnsiColor, Style};
use serde_json::json;

use super::exit::Failure;
use super::options::{Color, ProgressMode};
use crate::artifact::Finding;
use crate::modelfile::{Diagnostic, Diagnostics, Severity, Source, Span, escape};

/// Standard error: warnings, errors and progress, for people or for machines.
#[derive(Debug)]
pub struct Console {
    color: bool,
    json: bool,
}

impl Console {
    /// Colours where `--color` says so; left to us, where standard error is a terminal that has them and `NO_COLOR`
    /// (no-color.org) is not set.
    pub fn new(color: Color, progress: ProgressMode) -> Self {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => std::io::stderr().is_terminal() && !set("NO_COLOR") && !dumb,
        };
        Self {
            color,
            json: progress == ProgressMode::Json,
        }
    }

    /// Prints a line as it is.
    pub fn line(line: &str) {
        // Nobody is left to tell when standard error is closed.
        // One write a line, so that lines of several threads and programs do not mix.
        let _ = std::io::stderr().write_all(format!("{line}\n").as_bytes());
    }

    /// Prints a text of several lines, each as it is; not among JSON lines.
    pub fn text(&self, text: &str) {
        if !self.json {
            text.lines().for_each(Self::line);
        }
    }

    /// Findings about the Modelfile that are no errors.
    pub fn findings(&self, source: &Source, findings: &Diagnostics) {
        if self.json {
            findings
                .0
                .iter()
                .for_each(|finding| Self::line(&finding_json(source, finding).to_string()));
        } else if !findings.0.is_empty() {
            Self::line(&findings.render(source, self.color));
        }
    }

    /// Findings about the artifact.
    pub fn about_artifact<'a>(&self, findings: impl IntoIterator<Item = &'a Finding>) {
        for finding in findings {
            let (level, color) = match finding.severity {
                Severity::Note => ("note", AnsiColor::Green),
                Severity::Warning => ("warning", AnsiColor::Yellow),
                Severity::Error => ("error", AnsiColor::Red),
            };
            self.message(level, color, &finding.to_string(), &[finding.help()]);
        }
    }

    /// A warning, and what to do about it.
    pub fn warning(&self, message: &str, help: &str) {
        self.message("warning", AnsiColor::Yellow, message, &[help]);
    }

    /// Something worth knowing, and what can be done with it.
    pub fn note(&self, message: &str, help: &[String]) {
        self.message("note", AnsiColor::Green, message, help);
    }

    /// Why the command failed.
    pub fn failure(&self, failure: &Failure) {
        match failure {
            Failure::Findings(source, findings) => self.findings(source, findings),
            Failure::Differ | Failure::Unsound | Failure::Stopped => {}
            Failure::Message { message, help, .. } => self.message("error", AnsiColor::Red, message, help.as_slice()),
            Failure::Several(failures) => failures.iter().for_each(|failure| self.failure(failure)),
        }
    }

    fn message(&self, level: &str, color: AnsiColor, message: &str, help: &[impl AsRef<str>]) {
        if self.json {
            let help: Vec<_> = help.iter().map(AsRef::as_ref).collect();
            return Self::line(&json!({"event": level, "message": message, "help": help}).to_string());
        }
        let (level_style, bold) = if self.color {
            (Style::new().bold().fg_color(Some(color.into())), Style::new().bold())
        } else {
            (Style::new(), Style::new())
        };
        Self::line(&format!(
            "{level_style}{level}{level_style:#}{bold}: {}{bold:#}",
            escape(message)
        ));
        for help in help {
            Self::line(&format!(
                "  {bold}={bold:#} {bold}help{bold:#}: {}",
                escape(help.as_ref())
            ));
        }
    }
}

fn finding_json(source: &Source, finding: &Diagnostic) -> serde_json::Value {
    let (span, label) = &finding.primary;
    let also = |(span, label): &(Span, String)| {
        json!({
            "line": source.line(*span),
            "column": source.column(*span),
            "label": label,
        })
    };
    json!({
        "event": match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "message": finding.message,
        "file": source.name,
        "line": source.line(*span),
        "column": source.column(*span),
        "label": label,
        "also": finding.secondary.iter().map(also).collect::<Vec<_>>(),
        "help": finding.help,
    })
}
