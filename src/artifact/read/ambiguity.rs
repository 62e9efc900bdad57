/// Why a document is one thing to one reader, and another thing to the next.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Ambiguity {
    /// It has what only documents of two kinds have (CVE-2021-41190).
    #[error("has `{one}` and `{other}`, which belong to documents of two kinds")]
    Kinds {
        /// A member that it has.
        one: &'static str,
        /// Another one.
        other: &'static str,
    },
    /// It says that it is something, and has what only something else has.
    #[error("says that it is `{media_type}`, and has `{member}`")]
    MediaType {
        /// The media type that it states.
        media_type: String,
        /// The member that is of another kind of document.
        member: &'static str,
    },
    /// A member is there twice: some readers take the first one, some the last.
    #[error("has {} twice", shown(at, name))]
    Twice {
        /// Where; empty at the top.
        at: String,
        /// The member.
        name: String,
    },
    /// A list stands where an object should: some readers take its items for the members.
    #[error("{}", listed(at))]
    List {
        /// Where; empty at the top.
        at: String,
    },
    /// The name of a member differs by case alone from one that is known.
    #[error(
        "has {}, which readers written in Go take for `{meant}`, and others do not",
        shown(at, name)
    )]
    Case {
        /// Where; empty at the top.
        at: String,
        /// The name as it is there.
        name: String,
        /// The name that is known.
        meant: &'static str,
    },
}

fn shown(at: &str, name: &str) -> String {
    match at {
        "" => format!("`{name}`"),
        at => format!("`{at}.{name}`"),
    }
}

fn listed(at: &str) -> String {
    match at {
        "" => "is a list, and no object".to_owned(),
        at => format!("has a list for `{at}`, which is an object"),
    }
}
