use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::ambiguity::Ambiguity;
use super::members::{Case, members};
use super::names;
use crate::artifact::annotation;

/// What `org.cncf.model.file.metadata+json` says of a layer's file, member by member: one that is wrong is not stated, and
/// of one that is there twice the last counts, as for Go.
#[derive(Debug, Clone, Copy, Default)]
pub struct FileMetadata<'a> {
    name: Option<&'a RawValue>,
    mode: Option<&'a RawValue>,
    size: Option<&'a RawValue>,
    mtime: Option<&'a RawValue>,
    typeflag: Option<&'a RawValue>,
}

impl<'a> FileMetadata<'a> {
    /// Of a layer with these annotations; nothing is stated where there is no JSON.
    #[must_use]
    pub fn of(annotations: &'a BTreeMap<String, String>) -> Self {
        let text = annotation::file_metadata(annotations);
        text.and_then(Self::parse).unwrap_or_default()
    }

    /// Of the annotation's value; `None` where it is no JSON object.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The file's name.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        read(self.name)
    }

    /// The file's permission bits, and whatever Go puts beside them.
    #[must_use]
    pub fn mode(&self) -> Option<u32> {
        read(self.mode)
    }

    /// How many bytes the file has.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        read(self.size)
    }

    /// When the file was changed, in the words of RFC 3339.
    #[must_use]
    pub fn mtime(&self) -> Option<String> {
        read(self.mtime)
    }

    /// What the file is, as tar has it.
    #[must_use]
    pub fn typeflag(&self) -> Option<u8> {
        read(self.typeflag)
    }

    /// Whether it says that the file is one, and no directory nor a link: 0, for Go's `archive/tar` also the digit.
    #[must_use]
    pub fn is_file(&self) -> bool {
        matches!(self.typeflag(), Some(0 | b'0'))
    }
}

/// Whether all readers see the same members in the annotation's value.
///
/// # Errors
/// They may not.
pub fn file_metadata_members(text: &str) -> Result<(), Ambiguity> {
    members(text.as_bytes(), names::FILE_METADATA, Case::Exact)
}

fn read<'a, T: Deserialize<'a>>(member: Option<&'a RawValue>) -> Option<T> {
    serde_json::from_str(member?.get()).ok()
}

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Member {
    Name,
    Mode,
    Size,
    Mtime,
    Typeflag,
    #[serde(other)]
    Other,
}

impl<'de> Deserialize<'de> for FileMetadata<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = FileMetadata<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("the metadata of a file")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut metadata = FileMetadata::default();
                while let Some(member) = map.next_key()? {
                    let value = match member {
                        Member::Name => &mut metadata.name,
                        Member::Mode => &mut metadata.mode,
                        Member::Size => &mut metadata.size,
                        Member::Mtime => &mut metadata.mtime,
                        Member::Typeflag => &mut metadata.typeflag,
                        Member::Other => {
                            map.next_value::<IgnoredAny>()?;
                            continue;
                        }
                    };
                    *value = Some(map.next_value()?);
                }
                Ok(metadata)
            }
        }

        deserializer.deserialize_map(Members)
    }
}
