//! What is said of layers that were to be links, and are none.

use super::size::plural;
use crate::store::{Received, Unlinked};

/// For people: how many were copied and why, and what to do; nothing where all of them are links. Of a registry's, all
/// that was `remote` is written.
pub fn note(received: &Received, remote: bool) -> Option<(String, &'static str)> {
    let mut reasons: Vec<_> = received
        .unlinked
        .iter()
        .map(|(why, count)| (*count, reason(*why)))
        .collect();
    if remote && received.written > 0 {
        reasons.push((received.written, "from a registry"));
    }
    let copied: usize = reasons.iter().map(|(count, _)| count).sum();
    if copied == 0 {
        return None;
    }
    let reasons: Vec<_> = reasons.iter().map(|(count, why)| format!("{count} {why}")).collect();
    let was = if copied == 1 { "was" } else { "were" };
    let message = format!(
        "{} {was} copied, and not linked: {}",
        plural(copied, "layer"),
        reasons.join(", ")
    );
    Some((
        message,
        "a file can be linked where it is a whole blob, on the same file system and below the same mount",
    ))
}

const fn reason(why: Unlinked) -> &'static str {
    match why {
        Unlinked::Wrapped => "as a tar",
        Unlinked::Part => "out of a tarball",
        Unlinked::Elsewhere => "from another file system or mount",
        Unlinked::Symlink => "by way of a symlink",
        Unlinked::Packed => "to be unpacked",
        Unlinked::Executable => "to be executable",
    }
}
