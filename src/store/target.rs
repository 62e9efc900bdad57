use std::path::PathBuf;

use super::{Address, AddressError, Name, meant};

/// Where an artifact goes, as `-o` says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A layout directory, and a tag for the artifact there.
    Layout(PathBuf, Option<Name>),
    /// A layout tar, and a tag for the artifact there.
    Archive(PathBuf, Option<Name>),
    /// A layout tar on standard output.
    Stdout,
    /// A repository of a registry, and a tag for the artifact there.
    Registry(Address),
}

impl Target {
    /// The path that it writes to, where it is one.
    #[must_use]
    pub const fn path(&self) -> Option<&PathBuf> {
        match self {
            Self::Layout(path, _) | Self::Archive(path, _) => Some(path),
            Self::Stdout | Self::Registry(_) => None,
        }
    }

    /// The same in another place.
    #[must_use]
    pub fn with_path(self, path: PathBuf) -> Self {
        match self {
            Self::Layout(_, tag) => Self::Layout(path, tag),
            Self::Archive(_, tag) => Self::Archive(path, tag),
            Self::Stdout | Self::Registry(_) => self,
        }
    }

    /// What `-o` understands as this, if there is a spelling: before a tag no path can have a colon, for one.
    #[must_use]
    pub fn spelled(&self) -> Option<String> {
        let text = |path: &PathBuf| path.to_str().map(str::to_owned);
        let spellings = match self {
            Self::Stdout => vec!["-".to_owned()],
            Self::Registry(address) => vec![format!("docker://{address}")],
            Self::Layout(path, None) => {
                let path = text(path)?;
                vec![format!("oci:{path}"), format!("type=oci,tar=false,dest={path}"), path]
            }
            Self::Archive(path, None) => {
                let path = text(path)?;
                vec![format!("oci-archive:{path}"), format!("type=oci,dest={path}"), path]
            }
            Self::Layout(path, Some(tag)) => vec![format!("oci:{}:{}", text(path)?, tag.tag())],
            Self::Archive(path, Some(tag)) => vec![format!("oci-archive:{}:{}", text(path)?, tag.tag())],
        };
        // The plain path is what people like to read.
        let understood = |spelling: &String| spelling.parse().is_ok_and(|target: Self| target == *self);
        spellings.into_iter().rev().find(understood)
    }
}

/// Why a string says no place for an artifact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct TargetError {
    why: String,
}

impl std::str::FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).map_err(|why| TargetError { why })
    }
}

fn parse(text: &str) -> Result<Target, String> {
    if text == "-" {
        return Ok(Target::Stdout);
    }
    if let Some(rest) = text.strip_prefix("oci-archive:") {
        let (path, tag) = path_and_tag(rest)?;
        return Ok(Target::Archive(path, tag));
    }
    if let Some(rest) = text.strip_prefix("oci:") {
        let (path, tag) = path_and_tag(rest)?;
        return Ok(Target::Layout(path, tag));
    }
    if text.starts_with("docker://") {
        let address: Address = text.parse().map_err(|error: AddressError| error.to_string())?;
        return match address.digest {
            Some(_) => Err("a digest cannot be chosen; give a tag, as in `docker://HOST/REPOSITORY:TAG`".to_owned()),
            None => Ok(Target::Registry(address)),
        };
    }
    if let Some(transport) = meant::foreign(text) {
        return Err(format!(
            "`{transport}:` is no output of ours; write `oci:DIR` or `oci-archive:FILE`"
        ));
    }
    if text.starts_with("type=") || text.starts_with("dest=") {
        return parse_fields(text);
    }
    if text.is_empty() {
        return Err("expected a directory, a file ending in `.tar`, or `-`".to_owned());
    }
    let lower = text.to_ascii_lowercase();
    let has_ending = |ending: &&str| lower.ends_with(*ending);
    if [".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".zip"]
        .iter()
        .any(has_ending)
    {
        return Err(
            "a layout tar is never compressed: weights do not shrink, and oras and Docker Model Runner refuse \
                    it; use a name ending in `.tar`"
                .to_owned(),
        );
    }
    if let Some(meant) = meant::by_new(text) {
        return Err(meant);
    }
    Ok(if has_ending(&".tar") {
        Target::Archive(text.into(), None)
    } else {
        Target::Layout(text.into(), None)
    })
}

/// `PATH[:TAG]`, as skopeo splits it.
fn path_and_tag(text: &str) -> Result<(PathBuf, Option<Name>), String> {
    let (path, tag) = match text.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (
            path,
            Some(Name::of_tag(tag).ok_or_else(|| format!("`{tag}` is not a tag"))?),
        ),
        _ => (text, None),
    };
    if path.is_empty() {
        Err("the path is missing".to_owned())
    } else if path.contains(':') {
        Err("expected `PATH` or `PATH:TAG`; a repository is given with `-t`".to_owned())
    } else {
        Ok((path.into(), tag))
    }
}

/// `type=oci,dest=PATH[,tar=BOOL]`, as buildx has it: a tar unless told otherwise, standard output without `dest`.
fn parse_fields(text: &str) -> Result<Target, String> {
    let (mut dest, mut tar) = (None, true);
    for field in text.split(',') {
        let (key, value) = field
            .split_once('=')
            .ok_or_else(|| format!("`{field}` is not KEY=VALUE"))?;
        match (key, value) {
            ("type", "oci") => {}
            ("type", other) => return Err(format!("the output type `{other}` is not supported; use `type=oci`")),
            ("dest", path) => dest = Some(path).filter(|path| *path != "-"),
            ("tar", "true" | "1") => tar = true,
            ("tar", "false" | "0") => tar = false,
            ("tar", other) => return Err(format!("`tar` takes `true` or `false`, not `{other}`")),
            (other, _) => return Err(format!("unknown key `{other}`; expected `type`, `dest` or `tar`")),
        }
    }
    match (dest, tar) {
        (Some(""), _) => Err("`dest` is empty".to_owned()),
        (Some(path), true) => Ok(Target::Archive(path.into(), None)),
        (Some(path), false) => Ok(Target::Layout(path.into(), None)),
        (None, true) => Ok(Target::Stdout),
        (None, false) => Err("a layout directory needs `dest=DIR`".to_owned()),
    }
}
