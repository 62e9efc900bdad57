/// Something that a reviewer should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub urgency: Urgency,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What it means.
    pub why: String,
    /// The files, by their paths, or digests where they have none; none where it is about the whole.
    pub files: Vec<String>,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// May do harm when the model is unpacked or loaded.
    Danger,
    /// Cannot be approved by what is on the page alone.
    Caution,
    /// Worth knowing.
    Note,
}

impl Urgency {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Danger => "danger",
            Self::Caution => "caution",
            Self::Note => "note",
        }
    }
}
