use super::recipe::Spec;

/// How an artifact on hand describes a model: more than the two of [`Spec`], in which we write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dialect {
    /// CNCF `ModelPack`.
    ModelPack,
    /// `ModelPack` before it moved to the CNCF's name: `cnai`, and a config partly in snake case.
    Cnai,
    /// The names that `ModelPack`'s web page prints, with a flat config. No tool is known to write them.
    ModelPackPage,
    /// Docker's, as Docker Model Runner writes them: versions 0.1 and 0.2.
    Docker,
    /// Docker's as the published draft has them, with `files` in place of `rootfs`.
    DockerDraft,
    /// A container image; what is in it, only its layers tell. `KServe` and containerd mount models so.
    Image,
    /// `KitOps`' `ModelKit`.
    ModelKit,
    /// Files with names, as oras writes them, under a config that says nothing of a model.
    Files,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::ModelPack,
        Self::Cnai,
        Self::ModelPackPage,
        Self::Docker,
        Self::DockerDraft,
        Self::Image,
        Self::ModelKit,
        Self::Files,
    ];

    /// The word that tables and JSON show.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ModelPack => Spec::ModelPack.name(),
            Self::Cnai => "cnai",
            Self::ModelPackPage => "modelpack-page",
            Self::Docker => Spec::Docker.name(),
            Self::DockerDraft => "docker-draft",
            Self::Image => "image",
            Self::ModelKit => "modelkit",
            Self::Files => "files",
        }
    }

    /// The dialect that we write and this one is a form of.
    #[must_use]
    pub const fn spec(self) -> Option<Spec> {
        match self {
            Self::ModelPack | Self::Cnai | Self::ModelPackPage => Some(Spec::ModelPack),
            Self::Docker | Self::DockerDraft => Some(Spec::Docker),
            Self::Image | Self::ModelKit | Self::Files => None,
        }
    }
}
