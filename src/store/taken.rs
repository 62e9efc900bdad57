/// Which places a command takes: advice names no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Taken {
    /// An artifact, wherever it is.
    #[default]
    Anywhere,
    /// One where it can be given tags: in a layout or a registry.
    Taggable,
    /// One in a layout.
    InLayout,
    /// A layout as a whole.
    Layout,
}

impl Taken {
    /// Whether it takes a place that is written with this transport.
    #[must_use]
    pub fn takes(self, transport: &str) -> bool {
        match transport {
            "oci" => true,
            "oci-archive" => self == Self::Anywhere,
            "docker" => matches!(self, Self::Anywhere | Self::Taggable),
            _ => false,
        }
    }

    /// What to do where something else is named.
    #[must_use]
    pub const fn places(self) -> &'static str {
        match self {
            Self::Anywhere => "name a layout directory, a tarball, or a registry as `docker://HOST/REPOSITORY:TAG`",
            Self::Taggable => "name a layout directory, or a registry as `docker://HOST/REPOSITORY:TAG`",
            Self::InLayout => "name an artifact in a layout directory, as `oci:DIR:TAG` or `DIR@sha256:…`",
            Self::Layout => "name a layout directory",
        }
    }

    /// The same where a path is that of no layout.
    #[must_use]
    pub const fn paths(self) -> &'static str {
        match self {
            Self::Anywhere => "name a layout directory (with `oci-layout` in it) or an uncompressed tar of one",
            Self::Taggable | Self::InLayout | Self::Layout => "name a layout directory (with `oci-layout` in it)",
        }
    }

    /// How one of the artifacts in a place is chosen.
    #[must_use]
    pub const fn choice(self) -> &'static str {
        match self {
            Self::Anywhere => {
                "choose one by its tag, as in `oci:DIR:TAG` or `oci-archive:FILE:TAG`, or by its digest, as in `DIR@sha256:…`"
            }
            Self::Taggable | Self::InLayout | Self::Layout => {
                "choose one by its tag, as in `oci:DIR:TAG`, or by its digest, as in `DIR@sha256:…`"
            }
        }
    }
}
