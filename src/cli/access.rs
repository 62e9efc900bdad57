//! How registries are spoken to, and as whom, from options, environment and files.

use std::cell::OnceCell;

use super::exit::Failure;
use super::options::{RegistryOptions, Shared};
use super::password;
use crate::registry::Settings;
use crate::registry::credentials::{Credentials, Login, Places, Secret};

/// What `options` and the files of settings say of `hosts`, which the command line names. To others, such as mirrors,
/// only what the files say applies.
pub fn settings(options: &RegistryOptions, hosts: &[&str], shared: &Shared) -> Result<Settings, Failure> {
    if options.client_key.is_some() && options.client_cert.is_none() {
        return Err(Failure::usage(
            "`--client-key` is a key without a certificate",
            "give `--client-cert FILE`, too",
        ));
    }
    let mut settings = shared.registries.clone();
    settings.patience.retries = options.retries;
    settings.patience.stall = options.timeout;
    for host in hosts {
        let host = settings.host_mut(host);
        if options.plain_http {
            host.plain_http = Some(true);
        }
        host.insecure |= options.insecure;
        if options.ca_file.is_some() {
            host.ca_file.clone_from(&options.ca_file);
        }
        if options.client_cert.is_some() {
            host.client_cert.clone_from(&options.client_cert);
            host.client_key.clone_from(&options.client_key);
        }
    }
    Ok(settings)
}

/// What the files of credentials say, and before them `options` of the one of `hosts`. Reads the password, or asks for
/// it, where a user is named and there is a registry to be it at; `known` keeps it for the next time.
pub fn credentials(options: &RegistryOptions, hosts: &[&str], known: &Password) -> Result<Credentials, Failure> {
    let credentials = of_files();
    check(options)?;
    let (Some(username), [host, others @ ..]) = (&options.username, hosts) else {
        return Ok(credentials);
    };
    if others.iter().any(|other| other != host) {
        return Err(Failure::usage(
            "`--username` does not say at which of the registries",
            "log in to them by `modelbuild login HOST`",
        ));
    }
    Ok(credentials.with(host, login(username, options, host, known)?))
}

/// What the files of credentials say, wherever the environment has them.
pub fn of_files() -> Credentials {
    Credentials::new(Places::new(|name| std::env::var_os(name)))
}

/// A password that was read or asked for, for neither can be done twice.
#[derive(Debug, Default)]
pub struct Password(OnceCell<Secret>);

/// A user at `host`, with the password from where `options` say it comes.
fn login(username: &str, options: &RegistryOptions, host: &str, known: &Password) -> Result<Login, Failure> {
    if username.is_empty() || username.contains(':') {
        return Err(Failure::usage(
            format!("`{username}` is no user name"),
            "give one that is not empty and has no `:`, which ends it where it is sent",
        ));
    }
    let password = match known.0.get() {
        Some(password) => password.clone(),
        None if options.password_stdin => password::from_stdin()?,
        None => password::ask(username, host)?,
    };
    Ok(Login::Basic {
        username: username.to_owned(),
        password: known.0.get_or_init(|| password).clone(),
    })
}

/// Checks that a password has a user.
pub fn check(options: &RegistryOptions) -> Result<(), Failure> {
    if options.password_stdin && options.username.is_none() {
        return Err(Failure::usage(
            "`--password-stdin` does not say whose password it is",
            "give `--username USER`, too",
        ));
    }
    Ok(())
}
