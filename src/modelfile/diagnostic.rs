use super::Span;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Something was understood in a way worth knowing, such as an alias; never fails a build, `--strict` or not.
    Note,
    /// The build goes on (not under `--strict`).
    Warning,
    /// Nothing is built.
    Error,
}

/// What has to be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The Modelfile, or the files that it names.
    Modelfile,
    /// What is named there is the right thing, but broken: nothing in the Modelfile is wrong.
    Content,
    /// The registry that is named there refuses or cannot be reached.
    Registry,
}

/// One finding about the Modelfile or a file that it names: what, where, what was expected, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in one lower-case line; the user's words in backticks.
    pub message: String,
    /// The place, and what was expected there (may be empty).
    pub primary: (Span, String),
    /// Other places that belong to it, such as the first of two definitions.
    pub secondary: Vec<(Span, String)>,
    /// What to do; one line each.
    pub help: Vec<String>,
    /// What has to be mended.
    pub fault: Fault,
}

impl Diagnostic {
    /// An error at `span`.
    pub fn error(message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Error, message.into(), span)
    }

    /// A warning at `span`.
    pub fn warning(message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Warning, message.into(), span)
    }

    /// A remark at `span`.
    pub fn note(message: impl Into<String>, span: Span) -> Self {
        Self::new(Severity::Note, message.into(), span)
    }

    const fn new(severity: Severity, message: String, span: Span) -> Self {
        Self {
            severity,
            message,
            primary: (span, String::new()),
            secondary: Vec::new(),
            help: Vec::new(),
            fault: Fault::Modelfile,
        }
    }

    /// Says at the caret what was expected.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.primary.1 = label.into();
        self
    }

    /// Points to another place.
    #[must_use]
    pub fn also(mut self, span: Span, label: impl Into<String>) -> Self {
        self.secondary.push((span, label.into()));
        self
    }

    /// Says what has to be mended, if that is not the Modelfile.
    #[must_use]
    pub const fn fault(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// All findings about one Modelfile, in the order of their places.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics(pub Vec<Diagnostic>);

impl Diagnostics {
    /// Whether one of them is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// What has to be mended beside the Modelfile, else that.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let faults = self.0.iter().map(|diagnostic| diagnostic.fault);
        faults.max().unwrap_or(Fault::Modelfile)
    }

    /// These and `more`.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self.0.sort_by_key(|finding| finding.primary.0.start);
        self
    }

    /// Those that end a build, `strict` or not.
    #[must_use]
    pub fn quieted(mut self, strict: bool) -> Self {
        let least = if strict { Severity::Warning } else { Severity::Error };
        self.0.retain(|finding| finding.severity >= least);
        self
    }

    /// Whether one of them fails a build under `--strict`.
    #[must_use]
    pub fn fails_strict(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity >= Severity::Warning)
    }
}
