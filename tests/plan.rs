//! The plan: which files a Modelfile names, and what it says where it cannot.
use std::fmt::Write as _;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use modelbuild::modelfile::{Diagnostics, Kind, Modelfile, PathRule, Span, Spanned, Word};
use modelbuild::plan::{Error, Options, Plan};
use snapbox::{assert_data_eq, str};
use tempfile::TempDir;

mod bad;
mod inputs;
mod left_out;
mod links;
mod matching;
mod meant;
mod order;
mod properties;

use Kind::{Code, Config, Dataset, Doc, Projector, Template, Weight};

/// A context and the rules of a Modelfile for it.
struct Case {
    directory: TempDir,
    modelfile: Modelfile,
    /// The lines of the Modelfile, as `KIND pattern`; spans point into their text.
    text: String,
    options: Options,
}

impl Case {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        fs_err::create_dir(directory.path().join("context")).unwrap();
        Self {
            directory,
            modelfile: Modelfile::default(),
            text: String::new(),
            options: Options::default(),
        }
    }

    fn context(&self) -> PathBuf {
        self.directory.path().join("context")
    }

    /// A place in the context whose directory exists.
    fn place(&self, path: impl AsRef<Path>) -> PathBuf {
        let place = self.context().join(path);
        fs_err::create_dir_all(place.parent().unwrap()).unwrap();
        place
    }

    fn file(self, path: impl AsRef<Path>, text: &str) -> Self {
        fs_err::write(self.place(path), text).unwrap();
        self
    }

    /// Empty files.
    fn files<const N: usize>(self, paths: [&str; N]) -> Self {
        paths.into_iter().fold(self, |case, path| case.file(path, ""))
    }

    fn directory(self, path: &str) -> Self {
        fs_err::create_dir_all(self.place(path)).unwrap();
        self
    }

    fn link(self, path: &str, target: impl AsRef<Path>) -> Self {
        symlink(target, self.place(path)).unwrap();
        self
    }

    fn fifo(self, path: &str) -> Self {
        let mode = rustix::fs::Mode::from_raw_mode(0o644);
        rustix::fs::mknodat(rustix::fs::CWD, self.place(path), rustix::fs::FileType::Fifo, mode, 0).unwrap();
        self
    }

    fn mode(self, path: &str, mode: u32) -> Self {
        fs_err::set_permissions(self.place(path), PermissionsExt::from_mode(mode)).unwrap();
        self
    }

    fn output(mut self, path: &str) -> Self {
        let path = self.context().join(path);
        self.options.outputs.push(path);
        self
    }

    /// A rule; the pattern as it would stand in a Modelfile, with quotes and backslashes.
    fn rule(mut self, kind: Kind, pattern: &str) -> Self {
        let start = self.text.len() + kind.keyword().len() + 1;
        let _ = writeln!(self.text, "{} {pattern}", kind.keyword());
        let span = Span {
            start,
            end: start + pattern.len(),
        };
        self.modelfile.paths.push(PathRule {
            kind,
            pattern: Spanned::new(word(pattern), span),
        });
        self
    }

    fn resolve(&self) -> Result<(Plan, Diagnostics), Error> {
        Plan::resolve(&self.modelfile, &self.context(), &self.options)
    }

    /// The plan as text: a line for each file, then the warnings; or what is wrong.
    fn plan(&self) -> String {
        match self.resolve() {
            Ok((plan, warnings)) => {
                let mut shown = String::new();
                for file in &plan.files {
                    let executable = if file.executable { " executable" } else { "" };
                    writeln!(shown, "{} {} {}{executable}", file.kind, file.path, file.size()).unwrap();
                }
                shown + &self.findings(&warnings)
            }
            Err(error) => self.error(&error),
        }
    }

    fn error(&self, error: &Error) -> String {
        let shown = match error {
            Error::Findings(findings) => self.findings(findings),
            other => {
                let cause =
                    std::error::Error::source(other).map_or_else(String::new, |cause| format!("\ncause: {cause}"));
                format!("{other}{cause}\nhelp: {}\n", other.help().unwrap_or("-"))
            }
        };
        shown.replace(self.directory.path().to_str().unwrap(), "[DIR]")
    }

    fn findings(&self, findings: &Diagnostics) -> String {
        let mut shown = String::new();
        let place = |span: Span| {
            let line = self.text.get(..span.start).unwrap().matches('\n').count() + 1;
            format!("{line}: {}", self.text.get(span.range()).unwrap())
        };
        for finding in &findings.0 {
            writeln!(shown, "{:?}: {}", finding.severity, finding.message).unwrap();
            writeln!(shown, "  at {} <- {}", place(finding.primary.0), finding.primary.1).unwrap();
            for (span, label) in &finding.secondary {
                writeln!(shown, "  and {} <- {label}", place(*span)).unwrap();
            }
            for help in &finding.help {
                writeln!(shown, "  help: {help}").unwrap();
            }
        }
        shown.replace(self.directory.path().to_str().unwrap(), "[DIR]")
    }
}

/// A context of some files.
fn many() -> Case {
    Case::new().files([
        "a.bin",
        "b.bin",
        "c.txt",
        "docs/d.txt",
        "docs/deep/e.txt",
        "docs/deep/f.bin",
    ])
}

/// A word as the language reads it: double quotes group, a backslash escapes.
fn word(text: &str) -> Word {
    let mut word = Word::new();
    let mut quoted = false;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted = !quoted,
            '\\' => word.push(characters.next().unwrap(), true),
            other => word.push(other, quoted),
        }
    }
    word
}
