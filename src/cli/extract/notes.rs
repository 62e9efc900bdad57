//! What is worth knowing of an extraction that went well.

use super::super::chosen_files::{ChosenFiles, Known};
use super::super::console::Console;
use super::super::{replaced, unlinked};
use super::Errand;
use crate::artifact::read::ReadError;
use crate::store::stored::{Found, OpenError};
use crate::store::{Extracted, Link, Source as _, Transferred};

impl Errand<'_> {
    /// Says it.
    pub(super) fn tell(
        &self,
        found: &Found,
        chosen: Option<&ChosenFiles>,
        files: &[Extracted],
        moved: &Transferred,
        console: &Console,
    ) {
        if let Err(OpenError::Artifact {
            source: unread @ ReadError::Config(_),
            ..
        }) = found.model()
        {
            let help = "`modelbuild verify` says what else is wrong";
            console.note(
                &format!("{unread}: nothing was compared with what it says of the layers"),
                &[help.to_owned()],
            );
        }
        let unmatched = chosen.and_then(|chosen| chosen.unmatched(Known::InTheEnd));
        if let Some((message, help)) = unmatched {
            console.warning(&message, &help);
        }
        let replaced = files.iter().filter(|file| file.replaced);
        let replaced: Vec<_> = replaced.map(|file| file.path.as_str()).collect();
        if let Some((message, help)) = replaced::files(&replaced) {
            console.note(&message, &[help.to_owned()]);
        }
        let remote = self.link == Link::Hard && found.is_remote();
        let received = moved.received.first();
        let copied = received.and_then(|received| unlinked::note(received, remote));
        if let Some((message, help)) = copied {
            console.note(&message, &[help.to_owned()]);
        }
        if files.is_empty() {
            let (what, help) = empty(found, chosen);
            console.note(what, &[help.to_owned()]);
        }
    }
}

/// Why there is no file, and what helps.
fn empty(found: &Found, chosen: Option<&ChosenFiles>) -> (&'static str, &'static str) {
    let paths = "`modelbuild inspect` lists the paths that `--include` and `--exclude` can match";
    if chosen.is_some_and(ChosenFiles::has_kept) {
        ("no file was extracted: the patterns leave only directories", paths)
    } else if found.left_out() > 0 {
        ("nothing was extracted, for all layers were left out", paths)
    } else {
        let help = "`modelbuild inspect` shows what it is";
        ("nothing was extracted, for the artifact has no files", help)
    }
}
