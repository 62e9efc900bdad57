//! What somebody may have meant who names a file that is not there.

use std::path::Path;

use strsim::damerau_levenshtein;

use super::context::Context;
use super::show;
use crate::modelfile::Word;

/// A way of writing paths that others have and this language has not.
pub(super) fn otherwise(word: &Word, context: &Context) -> Option<String> {
    let text = word.text();
    let exists = |path: &str| {
        let path = Path::new(path);
        !path.as_os_str().is_empty() && fs_err::symlink_metadata(context.path.join(path)).is_ok()
    };
    if text.starts_with('\'') || text.ends_with('\'') {
        return Some("single quotes are ordinary characters: a name with blanks is put in double quotes".to_owned());
    }
    if text == "~" || text.starts_with("~/") {
        return Some("`~` is an ordinary character, and only files in the context directory are packed".to_owned());
    }
    if text == "=" {
        return Some("a blank stands between keyword and path, not `=`".to_owned());
    }
    let slashes = with_slashes(word);
    if slashes != text && exists(&slashes) {
        let shown = show::text(&slashes);
        return Some(format!(
            "a backslash takes the next character as it is: did you mean `{shown}`?"
        ));
    }
    let parts: Vec<_> = text.split(',').filter(|part| !part.is_empty()).collect();
    if text.contains(',') && parts.iter().any(|part| exists(part)) {
        let shown = show::text(&parts.join(" "));
        return Some(format!(
            "blanks stand between paths, not commas: did you mean `{shown}`?"
        ));
    }
    None
}

/// The word with `/` in place of backslashes, or where one may have stood that took a letter or a digit as it is: it had
/// no other purpose.
fn with_slashes(word: &Word) -> String {
    let text = word.text();
    if text.contains('\\') {
        return text.replace('\\', "/");
    }
    let mut slashed = String::new();
    for (character, literal) in word.chars() {
        if *literal && character.is_alphanumeric() {
            slashed.push('/');
        }
        slashed.push(*character);
    }
    slashed
}

/// A name that is nearly `name`, which is not in `directory`; `rest` are the names that follow it.
pub(super) fn near(context: &Context, directory: &Path, name: &str, rest: &[&str]) -> Option<String> {
    let place = context.path.join(directory);
    if !place.is_dir() {
        return Some(format!("`{}` is a file", show::path(directory)));
    }
    let entries = fs_err::read_dir(place).ok()?;
    let length = name.chars().count();
    let allowed = (length / 3).max(1);
    let distance = |other: &String| {
        if other.to_lowercase() == name.to_lowercase() {
            return Some(0);
        }
        // The cheap test first: a directory can be large.
        (other.chars().count().abs_diff(length) <= allowed)
            .then(|| damerau_levenshtein(name, other))
            .filter(|distance| *distance <= allowed)
    };
    let (distance, nearest) = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|other| Some((distance(&other)?, other)))
        .min()?;
    let mut whole = directory.join(&nearest);
    whole.extend(rest);
    let case = if distance == 0 {
        "names are case-sensitive: "
    } else {
        ""
    };
    Some(format!("{case}did you mean `{}`?", show::path(&whole)))
}
