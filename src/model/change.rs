/// What happened to a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It was not there.
    New,
    /// It is not there any more.
    Removed,
    /// The same blob had another path; `None` where nothing named its file.
    Renamed {
        /// The path that it had.
        from: Option<String>,
        /// The path that it has.
        to: Option<String>,
    },
    /// It is for something else.
    Kind {
        /// The kind's name.
        from: String,
        /// The kind's name.
        to: String,
    },
    /// It can be executed, or cannot any more.
    Executable(bool),
    /// Its file is packed otherwise.
    Encoding {
        /// `raw`, `tar`, `tar+gzip`, `tar+zstd` or `unknown`.
        from: &'static str,
        /// As `from`.
        to: &'static str,
    },
    /// Its media type is another one, and neither kind nor encoding says why.
    MediaType {
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// The file has another size.
    Size {
        /// In bytes.
        from: u64,
        /// In bytes.
        to: u64,
    },
    /// As many bytes, but others.
    Content,
    /// The tar is another one: only reading tells whether the file in it is, or its header.
    Packed,
    /// Other compressed bytes, which are stated to be the same without compression.
    Compression,
    /// The file is packed otherwise, so that only reading tells whether its content is what it was.
    Uncompared,
    /// `stat` says something else, and the content is what it was.
    Touched,
    /// `stat` says something else, and nobody has read it yet.
    Unread,
    /// The blob around the same file is another one.
    Envelope,
    /// The line of the Modelfile that names it is new or another one; beside a change that shows.
    Line(usize),
    /// Its permissions are others, and who may execute it is not what differs.
    Mode {
        /// Permission bits, where they are stated.
        from: Option<u64>,
        /// Permission bits, where they are stated.
        to: Option<u64>,
    },
    /// It states another time of modification.
    Time {
        /// RFC 3339, where it is stated.
        from: Option<String>,
        /// RFC 3339, where it is stated.
        to: Option<String>,
    },
    /// One of its annotations is another one.
    Annotation {
        /// Its key.
        key: String,
        /// What it was.
        from: Option<String>,
        /// What it is.
        to: Option<String>,
    },
    /// The layers that are in both artifacts stand in another order, and this one is out of its place.
    Moved {
        /// Its place, from 1.
        from: usize,
        /// Its place, from 1.
        to: usize,
    },
}

impl Change {
    /// Whether the layer in the manifest is another one for it.
    #[must_use]
    pub const fn shows(&self) -> bool {
        !matches!(self, Self::Touched | Self::Unread)
    }
}

/// The file in a layer, at one end of a comparison. What is `None` at either end is not compared.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// The kind's name.
    pub kind: Option<&'a str>,
    /// Whether the owner can execute it.
    pub executable: bool,
    /// In bytes.
    pub size: Option<u64>,
}

/// What is another one in `now` than it was in `then`; `content` is asked where the sizes do not tell.
pub fn compare(then: &File<'_>, now: &File<'_>, content: impl FnOnce() -> Option<Change>) -> Vec<Change> {
    let mut changes = Vec::new();
    if let (Some(from), Some(to)) = (then.kind, now.kind)
        && from != to
    {
        let (from, to) = (from.to_owned(), to.to_owned());
        changes.push(Change::Kind { from, to });
    }
    if then.executable != now.executable {
        changes.push(Change::Executable(now.executable));
    }
    match (then.size, now.size) {
        (Some(from), Some(to)) if from != to => changes.push(Change::Size { from, to }),
        _ => changes.extend(content()),
    }
    changes
}
