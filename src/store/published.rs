/// What it took to make an artifact visible at a destination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Published {
    /// Whether the transfer changed anything there: not where everything was there already.
    pub changed: bool,
    /// What had the artifact's place before.
    pub replaced: Vec<Replaced>,
}

/// An artifact that another one took the place of. Its blobs may still be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// The tag that it had.
    pub tag: Option<String>,
    /// The digest of its manifest, which may be one that this crate cannot compute.
    pub digest: String,
}

impl Published {
    /// A file that was written anew, whatever it was before: what the user named, and not one entry of several.
    #[must_use]
    pub const fn anew() -> Self {
        Self {
            changed: true,
            replaced: Vec::new(),
        }
    }
}
