/// How a layer's digest became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The file was read, or has to be.
    Read,
    /// An earlier build hashed the same file, which did not change since.
    Cached {
        /// When it was hashed, seconds since 1970.
        when: u64,
        /// What that build called the file.
        path: String,
    },
    /// Somebody wrote it down: where.
    Stated(String),
    /// It is the layer of the base: which.
    Inherited(String),
    /// Nothing has but one digest.
    Empty,
}
