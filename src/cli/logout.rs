use super::access;
use super::console::Console;
use super::exit::Failure;
use super::options::Logout;
use super::result::print;
use crate::modelfile::escape;
use crate::registry::credentials::Removed;

/// Takes out who one is at a registry, or at all of them.
pub fn run(options: &Logout, console: &Console) -> Result<(), Failure> {
    let credentials = access::of_files();
    let removed = match &options.host {
        Some(host) => credentials.remove(host)?,
        None => credentials.remove_all()?,
    };
    if removed.is_empty() {
        let whom = options
            .host
            .as_ref()
            .map_or("any registry".to_owned(), |host| format!("`{host}`"));
        console.note(&format!("you are not logged in to {whom}"), &[]);
    }
    let text: String = removed.iter().map(line).collect();
    print(&text)
}

fn line(removed: &Removed) -> String {
    let place = match &removed.from.program {
        Some(program) => format!("`{program}`, named in {}", removed.from.path.display()),
        None => removed.from.path.display().to_string(),
    };
    escape(&format!("logged out of {}: removed from {place}", removed.host)) + "\n"
}
