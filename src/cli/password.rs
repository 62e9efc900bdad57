//! Who one is, as told on a terminal or through a pipe. Nothing takes a password as an argument: everybody on the
//! machine can see those, and shells remember them.

use std::io::{self, IsTerminal as _, Read as _, Write as _};

use super::exit::{FAILED, Failure};
use crate::registry::credentials::Secret;

/// Largest password in bytes; tokens of some clouds have several thousand.
const LIMIT: u64 = 64 << 10;

/// The password that stands on standard input: all of it but the end of its line.
pub fn from_stdin() -> Result<Secret, Failure> {
    let mut bytes = Vec::new();
    let read = io::stdin().lock().take(LIMIT + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new(FAILED, format!("cannot read the password: {error}")))?;
    let pipe = "pipe it in, as in `pass show registry | modelbuild login …`";
    if bytes.len() as u64 > LIMIT {
        let message =
            format!("what stands on standard input is larger than the {LIMIT} bytes that a password may have");
        return Err(Failure::usage(message, pipe));
    }
    let text =
        String::from_utf8(bytes).map_err(|_| Failure::usage("the password on standard input is no text", pipe))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(Failure::usage("there is no password on standard input", pipe));
    }
    Ok(Secret::new(line.to_owned()))
}

/// The password, from the terminal and without showing it.
pub fn ask(username: &str, host: &str) -> Result<Secret, Failure> {
    check_terminal("password")?;
    let asked = rpassword::prompt_password(format!("password of {username} at {host}: "));
    let password = asked.map_err(|error| Failure::new(FAILED, format!("cannot read the password: {error}")))?;
    if password.is_empty() {
        return Err(Failure::usage(
            "the password is empty",
            "type it, or pipe it in with `--password-stdin`",
        ));
    }
    Ok(Secret::new(password))
}

/// The user's name, from the terminal.
pub fn ask_username(host: &str) -> Result<String, Failure> {
    check_terminal("user name")?;
    let failed = |error| Failure::new(FAILED, format!("cannot read the user name: {error}"));
    write!(io::stderr(), "user name at {host}: ").map_err(failed)?;
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(failed)?;
    match line.trim() {
        "" => Err(Failure::usage(
            "the user name is empty",
            "type it, or give it with `--username`",
        )),
        name => Ok(name.to_owned()),
    }
}

fn check_terminal(what: &str) -> Result<(), Failure> {
    if io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Failure::usage(
        format!("there is no terminal to ask for the {what} on"),
        "give `--username USER`, and pipe the password in with `--password-stdin`",
    ))
}
