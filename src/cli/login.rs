use super::access::Password;
use super::console::Console;
use super::exit::{Failure, REGISTRY};
use super::options::{Login, Shared};
use super::result::print;
use super::{access, password, progress, registries, signals};
use crate::modelfile::escape;
use crate::registry::{Cancel, Error};

/// Writes down who one is at a registry, once the registry has believed it.
pub fn run(options: &Login, shared: &Shared, console: &Console) -> Result<(), Failure> {
    let host = options.host.as_str();
    let settings = access::settings(&options.registry, &[host], shared)?;
    let mut options = options.registry.clone();
    access::check(&options)?;
    let username = match options.username.take() {
        Some(username) => username,
        None => password::ask_username(host)?,
    };
    options.username = Some(username.clone());
    let credentials = access::credentials(&options, &[host], &Password::default())?;
    // Not earlier: while something is typed, Ctrl-C just ends it all.
    let cancel = Cancel::default();
    signals::watch(&cancel, || {})?;
    let watcher = progress::watcher(shared.progress, false);
    let is_believed = registries::client(settings, credentials.clone(), watcher, &cancel)
        .verify(host)
        .map_err(refused)?;
    // What was just given, for that counts most.
    let Some(login) = credentials.find(host, "")? else {
        return Ok(());
    };
    let kept = credentials.keep(host, &login)?;
    let path = kept.path.display();
    let outcome = if is_believed {
        format!("logged in to {host} as {username}")
    } else {
        format!("{host} lets everybody in and has not seen the password of {username}, which may be wrong")
    };
    let text = match &kept.program {
        Some(program) => format!("{outcome}: kept by `{program}`, named in {path}"),
        None => format!("{outcome}: written to {path}"),
    };
    print(&(escape(&text) + "\n"))?;
    if kept.program.is_none() {
        console.note(
            "the password is not encrypted there",
            &["name a program that keeps it in `credsStore` of that file (docs/registries.md)".to_owned()],
        );
    }
    Ok(())
}

/// What a refusal means where a password was just typed.
fn refused(error: Error) -> Failure {
    match error {
        Error::Denied { host, known: true, .. }
        | Error::Untokened {
            host,
            known: true,
            status: 401 | 403,
            ..
        } => Failure::Message {
            code: REGISTRY,
            message: format!("{host} does not know this user with this password"),
            help: Some("some registries take a token in place of the password, and no other".to_owned()),
        },
        error => error.into(),
    }
}
