//! How a registry is spoken to, and as whom: what all commands take that speak to one.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueHint};

use crate::cli::value;

/// Options of everything that speaks to a registry.
#[derive(Debug, Clone, Args)]
pub struct RegistryOptions {
    /// Speak http without TLS; with loopback addresses this is the default, unless a certificate is spoken of below
    #[arg(long, help_heading = "Registry")]
    pub plain_http: bool,

    /// Take any certificate, whoever it is of
    #[arg(long, help_heading = "Registry")]
    pub insecure: bool,

    /// Believe the certificates in FILE (PEM), too
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Registry")]
    pub ca_file: Option<PathBuf>,

    /// Show the registry the certificate in FILE (PEM)
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Registry")]
    pub client_cert: Option<PathBuf>,

    /// The key for that certificate, if it is not in the same file
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, help_heading = "Registry")]
    pub client_key: Option<PathBuf>,

    /// Be USER there, instead of whom the files of credentials say
    #[arg(long, value_name = "USER", help_heading = "Registry")]
    pub username: Option<String>,

    /// Read the password from standard input, instead of asking for it
    #[arg(long, help_heading = "Registry")]
    pub password_stdin: bool,

    /// Try what failed for a while again, up to N times without any progress in between
    #[arg(long, value_name = "N", default_value = "5", value_parser = value::retries, help_heading = "Registry")]
    pub retries: u32,

    /// Give up a connection that was silent for so long, such as `5m`; a number alone is seconds
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = value::duration, help_heading = "Registry")]
    pub timeout: Duration,
}
