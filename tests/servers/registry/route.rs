//! Paths to what they name (distribution specification 1.1, section "Endpoints").

/// What a path names; `name` is the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route<'a> {
    /// `/v2/`
    Version,
    Blob {
        name: &'a str,
        digest: &'a str,
    },
    /// Where uploads begin.
    Uploads {
        name: &'a str,
    },
    Upload {
        name: &'a str,
        id: &'a str,
    },
    Manifest {
        name: &'a str,
        reference: &'a str,
    },
    Referrers {
        name: &'a str,
        digest: &'a str,
    },
    Tags {
        name: &'a str,
    },
}

impl<'a> Route<'a> {
    pub fn of(path: &'a str) -> Option<Self> {
        let rest = path.strip_prefix("/v2/")?;
        if rest.is_empty() {
            return Some(Self::Version);
        }
        // What may stand in a repository's name is told from the right, where the words have a fixed place.
        let (before, last) = rest.rsplit_once('/')?;
        let route = if let Some(name) = before.strip_suffix("/blobs/uploads") {
            match last {
                "" => Self::Uploads { name },
                id => Self::Upload { name, id },
            }
        } else if let (Some(name), "uploads") = (before.strip_suffix("/blobs"), last) {
            Self::Uploads { name }
        } else if let Some(name) = before.strip_suffix("/blobs") {
            Self::Blob { name, digest: last }
        } else if let Some(name) = before.strip_suffix("/manifests") {
            Self::Manifest { name, reference: last }
        } else if let Some(name) = before.strip_suffix("/referrers") {
            Self::Referrers { name, digest: last }
        } else if let (Some(name), "list") = (before.strip_suffix("/tags"), last) {
            Self::Tags { name }
        } else {
            return None;
        };
        is_name(route.name()?).then_some(route)
    }

    /// The repository.
    pub fn name(&self) -> Option<&'a str> {
        match self {
            Self::Version => None,
            Self::Blob { name, .. }
            | Self::Uploads { name }
            | Self::Upload { name, .. }
            | Self::Manifest { name, .. }
            | Self::Referrers { name, .. }
            | Self::Tags { name } => Some(name),
        }
    }
}

/// Lower-case words, so that a name is a path below the directory of all repositories and nowhere else.
pub fn is_name(name: &str) -> bool {
    let word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    name.split('/').all(word)
}

/// `sha256:` and 64 digits.
pub fn is_digest(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:").unwrap_or_default();
    digits.len() == 64 && digits.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}

/// A tag: a word character, then up to 127 of them, dots and dashes.
pub fn is_tag(text: &str) -> bool {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.len() <= 128 && text.starts_with(word) && text.chars().all(|c| word(c) || ".-".contains(c))
}
