//! Patterns for paths, as `--include` and `--exclude` take them.

use std::sync::atomic::{AtomicBool, Ordering};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::exit::Failure;

/// Patterns as git's are: one without a `/` matches in every directory, and a directory stands for all that is below it.
#[derive(Debug)]
pub struct Patterns {
    all: Gitignore,
    each: Vec<Pattern>,
}

/// One of them by itself.
#[derive(Debug)]
struct Pattern {
    text: String,
    matcher: Gitignore,
    /// Whether it has matched something.
    has_matched: AtomicBool,
}

impl Patterns {
    /// Reads what `option` was given.
    pub fn new(option: &str, patterns: &[String]) -> Result<Self, Failure> {
        let builder = || {
            let mut builder = GitignoreBuilder::new("");
            builder.allow_unclosed_class(false);
            builder
        };
        let build = |builder: GitignoreBuilder| {
            let failed = |error| Failure::usage(format!("`--{option}`: {error}"), "give fewer or shorter patterns");
            builder.build().map_err(failed)
        };
        let mut all = builder();
        let mut each = Vec::with_capacity(patterns.len());
        for pattern in patterns {
            // On a command line nothing is a comment, and `./` is where one is.
            let line = pattern.strip_prefix("./").unwrap_or(pattern);
            let line = if line.starts_with('#') {
                format!("\\{line}")
            } else {
                line.to_owned()
            };
            let mut one = builder();
            for builder in [&mut all, &mut one] {
                builder.add_line(None, &line).map_err(|error| {
                    Failure::usage(
                        format!("`--{option} {pattern}`: {error}"),
                        "a pattern is a path with `*`, `**`, `?`, `[a-z]` and `{a,b}`, as in `*.json`",
                    )
                })?;
            }
            each.push(Pattern {
                text: pattern.clone(),
                matcher: build(one)?,
                has_matched: AtomicBool::new(false),
            });
        }
        let all = build(all)?;
        Ok(Self { all, each })
    }

    /// Whether one of them covers the path, or a directory that it lies in. With a `/` at its end, it is for directories.
    pub fn cover(&self, path: &str, is_directory: bool) -> bool {
        // Whoever wrote the artifact may have meant harm, and the matcher takes no absolute path, `.//etc` included.
        let components = path.split('/').filter(|component| !matches!(*component, "" | "."));
        let path = components.collect::<Vec<_>>().join("/");
        if path.is_empty() {
            return false;
        }
        for pattern in &self.each {
            if !pattern.has_matched.load(Ordering::Relaxed) {
                let matched = pattern.matcher.matched_path_or_any_parents(&path, is_directory);
                pattern.has_matched.fetch_or(!matched.is_none(), Ordering::Relaxed);
            }
        }
        self.all.matched_path_or_any_parents(&path, is_directory).is_ignore()
    }

    /// Those that have matched nothing that was asked about.
    pub fn unmatched(&self) -> Vec<&str> {
        let unmatched = |pattern: &&Pattern| !pattern.has_matched.load(Ordering::Relaxed);
        self.each
            .iter()
            .filter(unmatched)
            .map(|pattern| pattern.text.as_str())
            .collect()
    }
}
