use std::io::ErrorKind;
use std::path::{Component, Path};

use super::exit::{Failure, INVALID};
use super::options::{self, command};
use crate::modelfile::escape;

/// Makes sure that `context` is a directory before anybody complains that no Modelfile is in it: what stands there may
/// be a mistyped command.
pub fn check(context: &Path) -> Result<(), Failure> {
    let shown = escape(&context.display().to_string());
    let (message, help) = match fs_err::metadata(context) {
        Ok(metadata) if metadata.is_dir() => return Ok(()),
        Ok(_) => (
            format!("the context `{shown}` is not a directory"),
            "name the directory that holds the files to pack; a Modelfile is named with `-f`".to_owned(),
        ),
        Err(error) if error.kind() == ErrorKind::NotFound => (
            format!("the context directory `{shown}` does not exist"),
            meant(context).unwrap_or_else(|| "name the directory that holds the files to pack".to_owned()),
        ),
        Err(error) => {
            // Without the path, which the message has.
            let cause = error.raw_os_error().map_or(error, std::io::Error::from_raw_os_error);
            return Err(Failure::new(
                INVALID,
                format!("cannot use `{shown}` as the context: {cause}"),
            ));
        }
    };
    Err(Failure::Message {
        code: INVALID,
        message,
        help: Some(help),
    })
}

/// What to say where somebody meant a command who wrote `path`.
fn meant(path: &Path) -> Option<String> {
    let mut components = path.components();
    let (Some(Component::Normal(word)), None) = (components.next(), components.next()) else {
        return None;
    };
    let word = word.to_str()?;
    if let Some(meant) = options::mistyped(word, &command()) {
        return Some(format!("did you mean the command `{meant}`?"));
    }
    let meant = options::foreign(word)?;
    Some(format!("it is no command either: did you mean `modelbuild {meant}`?"))
}
