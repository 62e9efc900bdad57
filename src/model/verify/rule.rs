use std::fmt;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Bytes are not what was put there, or are gone.
    Damage,
    /// The bytes are what was put there, and not what the specification asks for: readers fail, or take it for something
    /// else.
    Error,
    /// Some reader does not like it.
    Warning,
    /// Worth knowing.
    Note,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::Damage, Self::Error, Self::Warning, Self::Note];

    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Damage => "damage",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something that is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rule {
    /// What it is known by; it stays the same.
    pub code: &'static str,
    /// How bad it is to break it.
    pub severity: Severity,
    /// What to do then.
    pub help: &'static str,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

const REPAIR: &str = "`--repair FROM` fetches it from another layout, tarball or registry that has it";
const BUILD: &str = "build it again, or ask whoever built it";

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $severity:ident $code:literal, $help:expr;)*) => {
        $($(#[$doc])* pub const $name: Rule = Rule { code: $code, severity: Severity::$severity, help: $help };)*

        /// All of them.
        pub const RULES: &[Rule] = &[$($name),*];
    };
}

rules! {
    /// The file `oci-layout` is there and says a version.
    LAYOUT_MARKER = Damage "layout-marker", "`--repair FROM` writes it, as does whoever puts `{\"imageLayoutVersion\":\"1.0.0\"}` into `oci-layout`";
    /// That is `1.0.0`.
    LAYOUT_VERSION = Damage "layout-version", "`modelbuild` knows `1.0.0` alone, and repairs no other: copy the artifacts with a tool that knows it; if it never was another one, put `{\"imageLayoutVersion\":\"1.0.0\"}` into `oci-layout`";
    /// `index.json` is there and an image index.
    LAYOUT_INDEX = Damage "layout-index", "`--repair FROM` takes from another place what it says of the manifests that lie here; else copy the artifacts again";
    /// A tarball is whole.
    ARCHIVE = Damage "archive", "copy it again from where it is whole";
    /// What a descriptor names is there.
    BLOB_MISSING = Damage "blob-missing", REPAIR;
    /// It has as many bytes as the descriptor says.
    BLOB_SIZE = Damage "blob-size", REPAIR;
    /// They have the digest that the descriptor says.
    BLOB_DIGEST = Damage "blob-digest", REPAIR;
    /// They can be read.
    BLOB_UNREADABLE = Damage "blob-unreadable", "where you have no right to read it, somebody who has can give it; else `--repair FROM` fetches it from another layout, tarball or registry that has it";
    /// They stay the same while they are read.
    BLOB_CHANGED = Damage "blob-changed", "verify it again when nobody writes to it";

    /// A layer that an artifact names is in its layout or tarball.
    LAYER_MISSING = Error "layer-missing", "`pull` or `copy` it again with all of its layers, or `--repair FROM` fetches what is missing";
    /// What lies in a tarball stays in its directory where it is unpacked, and is neither link nor device.
    ARCHIVE_MEMBER = Error "archive-member", "do not unpack it: `modelbuild` passes such members over, other tools may not";
    /// What `manifest.json` in a tarball names is there, and that of the artifact whose config it is.
    ARCHIVE_MANIFEST_BROKEN = Error "archive-manifest-broken", "Docker Model Runner loads what `manifest.json` says: copy the artifact to another tarball, which makes that file anew, or build it again";
    /// A manifest or config is no larger than readers take.
    DOCUMENT_SIZE = Error "document-size", BUILD;
    /// It is JSON of the right shape.
    DOCUMENT_INVALID = Error "document-invalid", BUILD;
    /// All readers take it for the same.
    DOCUMENT_AMBIGUOUS = Error "document-ambiguous", "do not use it: tools disagree what it is; ask whoever built it";
    /// Descriptors are such.
    DESCRIPTOR_INVALID = Error "descriptor-invalid", BUILD;
    /// What stands in a descriptor of a blob is that blob.
    DESCRIPTOR_DATA = Error "descriptor-data", "do not use it: some readers take these bytes for the blob's";
    /// Digests are SHA-256.
    DIGEST_ALGORITHM = Error "digest-algorithm", "only SHA-256 is checked, which is all that registries have to take";
    /// Descriptors and documents name the same media type.
    MEDIA_TYPE_DIFFERS = Error "media-type-differs", BUILD;
    /// Indexes do not stand in each other for ever.
    INDEX_DEPTH = Error "index-depth", "take the inner indexes apart";
    /// A config has all members that it must have.
    CONFIG_MISSING = Error "config-missing", BUILD;
    /// It has no member that the specification does not know.
    CONFIG_UNKNOWN = Error "config-unknown", BUILD;
    /// Its members are what they should be.
    CONFIG_VALUE = Error "config-value", BUILD;
    /// There is a diff ID for each layer.
    DIFF_ID_COUNT = Error "diff-id-count", BUILD;
    /// It is the digest of the layer before it was compressed.
    DIFF_ID = Error "diff-id", BUILD;
    /// A layer names its file.
    PATH_MISSING = Error "path-missing", BUILD;
    /// A path stays within the model's directory, and is one that file systems take.
    PATH_INVALID = Error "path-invalid", "do not extract it: `modelbuild extract` refuses to, other tools may not";
    /// No path is another one's too.
    PATH_COLLISION = Error "path-collision", "pack it again with names that differ by more than case";
    /// What a layer is a tar of are files and directories.
    TAR_ENTRY = Error "tar-entry", "do not extract it: `modelbuild extract` refuses to, other tools may not";
    /// A packed layer can be unpacked.
    LAYER_BROKEN = Error "layer-broken", BUILD;
    /// It unpacks to no more than can be meant well.
    LAYER_BOMB = Error "layer-bomb", "do not unpack it unless you trust it: `modelbuild extract` wants `--max-unpacked` then";
    /// The metadata of a file can be read.
    METADATA_INVALID = Error "metadata-invalid", BUILD;
    /// They state the file's size.
    METADATA_SIZE = Error "metadata-size", BUILD;

    /// The media type of a manifest or an index is OCI's or docker's.
    DOCUMENT_TYPE = Warning "document-type", "registries refuse it, and readers may leave it out";
    /// A layer's media type is one out of which files can be got.
    MEDIA_TYPE_UNKNOWN = Warning "media-type-unknown", "readers may leave the layer out";
    /// It is one that the specification of the artifact has.
    MEDIA_TYPE_FOREIGN = Warning "media-type-foreign", "readers of the specification alone may leave the layer out";
    /// A config's media type is one of a model's.
    CONFIG_TYPE = Warning "config-type", "Harbor knows a ModelPack by the media type of its config, `application/vnd.cncf.model.config.v1+json`";
    /// A `ModelPack` says that it is one.
    ARTIFACT_TYPE = Warning "artifact-type", "Docker Model Runner knows a ModelPack by its `artifactType` alone; a Docker artifact has none";
    /// The annotation for the path is the specification's.
    PATH_ANNOTATION = Warning "path-annotation", "readers of models go by `org.cncf.model.filepath`, oras by `org.opencontainers.image.title`, older ones by `org.cnai.model.filepath`";
    /// A path is what it seems to be.
    PATH_DECEPTIVE = Warning "path-deceptive", "on a screen it seems to be another path, of another kind: do not open the file before you know why";
    /// The metadata name the file as the path does.
    METADATA_NAME = Warning "metadata-name", BUILD;
    /// They state that it is a file.
    METADATA_TYPE = Warning "metadata-type", BUILD;
    /// The model's format is stated, in lower case.
    FORMAT = Warning "format", "Docker Model Runner runs no model whose format it does not know";
    /// Weights are not compressed, nor in a tar.
    WEIGHTS_PACKED = Warning "weights-packed", "modctl refuses compressed weights, Docker Model Runner takes a tar for the model itself";
    /// Weights are no text that stands in their place.
    WEIGHTS_STAND_IN = Warning "weights-stand-in", "whoever built it did not have the weights: fetch them, by `git lfs pull` for instance, and build it again";
    /// Weights that are split have all of their shards.
    WEIGHTS_INCOMPLETE = Warning "weights-incomplete", "no engine loads weights of which a shard is missing: build it again from all of them";
    /// No two layers have the same bytes.
    SAME_BYTES = Warning "same-bytes", "Docker Model Runner's pull fails on equal layers";
    /// There is at most one projector and one template.
    NOT_ONE = Warning "not-one", "Docker Model Runner uses none where there are several";
    /// A Docker config has no member by which it is taken for a `ModelPack`'s.
    MODELPACK_MEMBER = Warning "modelpack-member", "Docker Model Runner takes the config for ModelPack's";
    /// A manifest is one that registries take.
    MANIFEST_SIZE = Warning "manifest-size", "registries may refuse more than 4 MiB: pack fewer files";
    /// `manifest.json` in a tarball is the manifest of an artifact that is there.
    ARCHIVE_MANIFEST = Warning "archive-manifest", "Docker Model Runner loads what `manifest.json` says, everybody else goes by `index.json`";
    /// A tag is that of one artifact.
    TAG_TWICE = Warning "tag-twice", "name the artifact by its digest, or give the tag to one of them with `modelbuild tag`: some tools take the first, others the last";
    /// Both names of an artifact have one tag.
    TAG_DIFFERS = Warning "tag-differs", "containerd and podman go by `io.containerd.image.name`, everybody else by `org.opencontainers.image.ref.name`";
    /// There is an artifact.
    NO_ARTIFACT = Warning "no-artifact", "build, pull or copy one into it";
    /// A blob is a file of its own.
    BLOB_SYMLINK = Warning "blob-symlink", "crane refuses such a layout: put the file in the symlink's place";

    /// An artifact is a model.
    NO_MODEL = Note "no-model", "its digests, sizes and tars were checked, and nothing else";
    /// Its names are those of today's specification.
    OLD_NAMES = Note "old-names", "build it again for tools that know the current names only";
    /// What an artifact says something of is there.
    SUBJECT_MISSING = Note "subject-missing", "copy the artifact that it refers to here, too";
    /// Every blob belongs to something.
    ORPHAN = Note "orphan", "nothing refers to it: it takes up space, and does no harm";
    /// Nothing is half done.
    UNFINISHED = Note "unfinished", "a transfer that was interrupted has left it; the same command again goes on with it";
    /// Nothing else lies among the blobs, or in a tarball.
    FOREIGN_FILE = Note "foreign-file", "it does no harm";
}
