use crate::build::{ConvertError, ResolveError};
use crate::files::is_exhausted;
use crate::model::BundleError;
use crate::model::verify::VerifyError;
use crate::modelfile::{Diagnostics, Fault, ReadError, Source};
use crate::registry::credentials::CredentialsError;
use crate::store::stored::OpenError;
use crate::store::{Taken, house};
use crate::{artifact, known, plan, registry, store, watch};

/// Why a command failed, as it is told to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Findings with places in the Modelfile.
    Findings(Box<Source>, Diagnostics),
    /// Anything else.
    Message {
        /// The exit code.
        code: u8,
        /// What, where and why.
        message: String,
        /// What to do.
        help: Option<String>,
    },
    /// More than one, all of one run.
    Several(Vec<Failure>),
    /// Two artifacts are not the same, which `--exit-code` asked: nothing to say.
    Differ,
    /// Something that was verified is not as it should be, which was printed: nothing more to say.
    Unsound,
    /// Stopped by the user at a moment when nothing was going on: nothing to say.
    Stopped,
}

/// Exit code of a command that could not do what it should.
pub const FAILED: u8 = 1;
/// Exit code for options that make no sense; clap uses it too.
pub const USAGE: u8 = 2;
/// Exit code for a Modelfile or an input that cannot be built.
pub const INVALID: u8 = 3;
/// Exit code for content that is not what it should be.
pub const DAMAGED: u8 = 4;
/// Exit code for a registry that refuses or cannot be reached.
pub const REGISTRY: u8 = 5;
/// Exit code after Ctrl-C: 128 and the number of the signal, as shells have it.
pub const INTERRUPTED: u8 = 130;

impl Failure {
    /// A failure with a message alone.
    pub fn new(code: u8, message: impl Into<String>) -> Self {
        Self::Message {
            code,
            message: message.into(),
            help: None,
        }
    }

    /// Options that make no sense.
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Message {
            code: USAGE,
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// All that failed of one run, if anything did.
    pub fn of(mut failures: Vec<Self>) -> Result<(), Self> {
        match failures.len() {
            0 => Ok(()),
            1 => Err(failures.swap_remove(0)),
            _ => Err(Self::Several(failures)),
        }
    }

    /// From an error about the plan.
    pub fn resolving(error: ResolveError, source: &Source) -> Self {
        match error {
            ResolveError::Findings(findings) | ResolveError::Plan(plan::Error::Findings(findings)) => {
                Self::Findings(Box::new(source.clone()), findings)
            }
            ResolveError::Plan(error) => Self::planning(&error),
        }
    }

    /// From an error about the context.
    pub fn planning(error: &plan::Error) -> Self {
        Self::Message {
            code: INVALID,
            help: error.help().map(Into::into),
            message: chain(error),
        }
    }

    /// Of a command that takes no more than this.
    pub fn keeping(error: house::Error, taken: Taken) -> Self {
        let help = error.help(taken);
        let message = error.to_string();
        let code = match error {
            house::Error::Open(error) => Self::from(error).code(),
            house::Error::Layout(error) => Self::from(error).code(),
            house::Error::Untraceable { .. } => DAMAGED,
            house::Error::Unlocked { .. } | house::Error::NoSpace { .. } => FAILED,
        };
        Self::Message { code, message, help }
    }

    /// The same without what `--quiet` leaves out: notes, and warnings that are no errors.
    #[must_use]
    pub fn quieted(self, strict: bool) -> Self {
        match self {
            Self::Findings(source, findings) => Self::Findings(source, findings.quieted(strict)),
            failure => failure,
        }
    }

    /// The exit code for the process.
    pub fn code(&self) -> u8 {
        match self {
            Self::Findings(_, findings) => match findings.fault() {
                Fault::Modelfile => INVALID,
                Fault::Content => DAMAGED,
                Fault::Registry => REGISTRY,
            },
            Self::Message { code, .. } => *code,
            Self::Several(failures) => failures.iter().map(Self::code).max().unwrap_or(FAILED),
            Self::Differ => FAILED,
            Self::Unsound => DAMAGED,
            Self::Stopped => INTERRUPTED,
        }
    }
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::Message {
            code: INVALID,
            help: Some(error.help().to_owned()),
            message: chain(&error),
        }
    }
}

impl From<watch::Error> for Failure {
    fn from(error: watch::Error) -> Self {
        Self::Message {
            code: FAILED,
            help: error.help(),
            message: error.to_string(),
        }
    }
}

impl From<CredentialsError> for Failure {
    fn from(error: CredentialsError) -> Self {
        Self::Message {
            code: of_credentials(&error),
            help: Some(error.help()),
            message: chain(&error),
        }
    }
}

impl From<known::Error> for Failure {
    fn from(error: known::Error) -> Self {
        let code = match &error {
            known::Error::Disagreement { .. } => DAMAGED,
            _ => INVALID,
        };
        Self::Message {
            code,
            help: Some(error.help().to_owned()),
            message: chain(&error),
        }
    }
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        use store::Error;
        let code = match &error {
            Error::Assemble(artifact::Error::TarInDocker) => USAGE,
            Error::Io { cause, .. } if is_exhausted(cause) => FAILED,
            Error::Io {
                side: store::Side::Source,
                ..
            }
            | Error::Rejected { .. }
            | Error::Assemble(_)
            | Error::Tree(store::TreeError::Unfit(store::Unfit { is_damage: false, .. })) => INVALID,
            Error::Mismatch { .. }
            | Error::Disproved { .. }
            | Error::DamagedBase { .. }
            | Error::Damaged { .. }
            | Error::DamagedBlob { .. }
            | Error::DamagedEntry { .. }
            | Error::Missing { .. }
            | Error::Stored(_) => DAMAGED,
            Error::Registry { cause, .. } => of_registry(cause),
            Error::Tree(cause) if cause.is_damage() => DAMAGED,
            Error::Interrupted => INTERRUPTED,
            _ => FAILED,
        };
        Self::Message {
            code,
            help: error.help(),
            message: chain(&error),
        }
    }
}

impl From<ConvertError> for Failure {
    fn from(error: ConvertError) -> Self {
        let (help, message) = (error.help(), error.to_string());
        let code = match error {
            ConvertError::Open(error) => Self::from(error).code(),
            ConvertError::Blob(error) => Self::from(error).code(),
            _ => INVALID,
        };
        Self::Message { code, message, help }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        let code = match &error {
            OpenError::Damaged { .. } | OpenError::Absent { .. } => DAMAGED,
            OpenError::Registry(cause) => of_registry(cause),
            OpenError::Changed { .. } => FAILED,
            OpenError::Io(cause) if is_exhausted(cause) => FAILED,
            _ => INVALID,
        };
        Self::Message {
            code,
            help: error.help(),
            // It says its causes itself.
            message: error.to_string(),
        }
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Open(error) => error.into(),
            error => Self::Message {
                code: if error.is_damage() { DAMAGED } else { INVALID },
                help: Some(error.help().to_owned()),
                message: error.to_string(),
            },
        }
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Open(error) => error.into(),
            VerifyError::Store(error) => {
                let help = match &error {
                    store::Error::Io {
                        side: store::Side::Destination,
                        ..
                    } => Some(
                        "a layout is repaired where it is: see that you can write to it, and that there is space"
                            .to_owned(),
                    ),
                    error => error.help(),
                };
                match error.into() {
                    Self::Message { code, message, .. } => Self::Message { code, message, help },
                    other => other,
                }
            }
            error @ VerifyError::NoLayout { .. } => Self::usage(
                error.to_string(),
                "copy the artifact again from a place that has it whole: `modelbuild copy FROM TO`",
            ),
        }
    }
}

impl From<registry::Error> for Failure {
    fn from(error: registry::Error) -> Self {
        Self::Message {
            code: of_registry(&error),
            help: error.help(),
            message: chain(&error),
        }
    }
}

fn of_registry(error: &registry::Error) -> u8 {
    use registry::Error;
    match error {
        error if error.is_damage() => DAMAGED,
        Error::Certificate { .. } => INVALID,
        Error::ProxySetting { .. } => USAGE,
        Error::Credentials(error) => of_credentials(error),
        Error::Interrupted => INTERRUPTED,
        _ => REGISTRY,
    }
}

const fn of_credentials(error: &CredentialsError) -> u8 {
    match error {
        CredentialsError::Unreadable { .. } | CredentialsError::Broken { .. } => INVALID,
        _ => FAILED,
    }
}

/// An error and its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    std::iter::once(error.to_string())
        .chain(causes.map(ToString::to_string))
        .collect::<Vec<_>>()
        .join(": ")
}
