//! Patterns for paths, as `--include` and `--exclude` take them.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::exit::Failure;

/// Patterns as git's are: one without a `/` matches in every directory, and a directory stands for all that is below it.
#[derive(Debug)]
pub struct Patterns(Gitignore);

impl Patterns {
    /// Reads what `option` was given.
    pub fn new(option: &str, patterns: &[String]) -> Result<Self, Failure> {
        let mut builder = GitignoreBuilder::new("");
        builder.allow_unclosed_class(false);
        for pattern in patterns {
            // On a command line nothing is a comment, and `./` is where one is.
            let line = pattern.strip_prefix("./").unwrap_or(pattern);
            let line = if line.starts_with('#') {
                format!("\\{line}")
            } else {
                line.to_owned()
            };
            builder.add_line(None, &line).map_err(|error| {
                Failure::usage(
                    format!("`--{option} {pattern}`: {error}"),
                    "a pattern is a path with `*`, `**`, `?`, `[a-z]` and `{a,b}`, as in `*.json`",
                )
            })?;
        }
        let built = builder.build();
        built
            .map(Self)
            .map_err(|error| Failure::usage(format!("`--{option}`: {error}"), "give fewer or shorter patterns"))
    }

    /// Whether one of them covers the path, or a directory that it lies in. With a `/` at its end, it is for directories.
    pub fn cover(&self, path: &str, is_directory: bool) -> bool {
        // Whoever wrote the artifact may have meant harm, and the matcher takes no absolute path, `.//etc` included.
        let components = path.split('/').filter(|component| !matches!(*component, "" | "."));
        let path = components.collect::<Vec<_>>().join("/");
        !path.is_empty() && self.0.matched_path_or_any_parents(&path, is_directory).is_ignore()
    }
}
