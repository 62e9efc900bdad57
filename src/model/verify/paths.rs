//! Paths of files, as whoever extracts them has to take them, and what is in layers that are packed.

use std::collections::{HashMap, HashSet};

use super::finding::{Findings, Subject};
use super::rule::{
    DIFF_ID, LAYER_BOMB, LAYER_BROKEN, PATH_COLLISION, PATH_DECEPTIVE, PATH_INVALID, Rule, TAR_ENTRY, WEIGHTS_STAND_IN,
};
use super::survey::{Claim, Layer};
use crate::digest::Digest;
use crate::model::bundle::stand_in;
use crate::modelfile::deceives;
use crate::store::stored::{Content, Packed};
use crate::store::{Claims, Copies, Fault, Inside, TreePath};

/// The paths that each artifact takes.
#[derive(Default)]
pub struct Paths(HashMap<Digest, Taken>);

/// The paths that an artifact takes.
#[derive(Default)]
struct Taken {
    claims: Claims,
    copies: Copies,
    /// The layers whose tars have theirs: one that is listed again is the same files.
    packed: HashSet<(Digest, Option<Packed>)>,
    /// Bytes that they unpack to beyond what can be expected.
    beyond: u64,
}

impl Paths {
    /// Judges what a layer of a model holds. `content` is what was read of its blob, where that is what it should be.
    pub fn judge(&mut self, layer: &Layer, content: Option<&Content>, found: &mut Findings) {
        let Some(claim) = &layer.claim else { return };
        let Taken {
            claims,
            copies,
            packed,
            beyond,
        } = self.0.entry(claim.artifact).or_default();
        let digest = layer.sought.digest;
        if let Some(path) = claim.path.as_deref().filter(|path| deceives(path)) {
            deceptive(path, layer, found);
        }
        let stand_in = content.filter(|_| claim.is_weights).and_then(|it| stand_in(&it.head));
        if let Some(what) = stand_in {
            found.add(
                WEIGHTS_STAND_IN,
                layer.subject.clone(),
                format!("is no weights, but {what}"),
            );
        }
        let mut say = |fault: &Fault| found.add(rule(fault), layer.subject.clone(), text(fault, &layer.subject));
        if let Some(path) = &claim.path {
            match TreePath::new(path) {
                Ok(path) => match claims.file(&path, digest) {
                    // The same bytes for the same path are one file.
                    Err(Fault::Twice { layer, .. }) if layer.digest == digest => {}
                    claimed => {
                        let judged = claimed.and_then(|()| copies.file(digest, layer.sought.size));
                        judged.unwrap_or_else(|fault| say(&fault));
                    }
                },
                Err(fault) => say(&Fault::Path {
                    path: path.clone(),
                    fault,
                }),
            }
        }
        match content.and_then(|content| content.inside.as_deref()) {
            Some(Ok(inside)) => {
                inside.faults.iter().for_each(&mut say);
                let mut said = 0;
                let is_new = packed.insert((digest, layer.sought.packed));
                let before = *beyond;
                *beyond += if is_new { inside.beyond } else { 0 };
                if before <= Inside::MOST_BEYOND && *beyond > Inside::MOST_BEYOND {
                    say(&Fault::Ratios);
                }
                for (path, is_file) in inside.entries.iter().filter(|_| is_new) {
                    let claimed = if *is_file {
                        claims.file(path, digest)
                    } else {
                        claims.directory(path, digest).map(drop)
                    };
                    let Err(fault) = claimed else { continue };
                    say(&fault);
                    said += 1;
                    // All that follow are too many as well.
                    if matches!(fault, Fault::TooMany { .. }) || said == Inside::MOST_FAULTS {
                        break;
                    }
                }
                let paths = inside.entries.iter().map(|(path, _)| path.as_str());
                let deceive = paths.filter(|path| is_new && deceives(path));
                for path in deceive.take(Inside::MOST_FAULTS) {
                    deceptive(path, layer, found);
                }
                diff_id(claim, inside, &layer.subject, found);
            }
            Some(Err(fault)) => say(fault),
            None => {}
        }
    }
}

fn deceptive(path: &str, layer: &Layer, found: &mut Findings) {
    let path = if path == layer.subject.name {
        "its path".to_owned()
    } else {
        format!("`{path}`")
    };
    let what = format!("{path} has characters that nobody sees, or that turn the direction of text");
    found.add(PATH_DECEPTIVE, layer.subject.clone(), what);
}

fn diff_id(claim: &Claim, inside: &Inside, subject: &Subject, found: &mut Findings) {
    if let (Some(expected), Some(unpacked)) = (claim.diff_id, inside.diff_id)
        && expected != unpacked
    {
        let what = format!("has the diff ID {expected}, and unpacks to {unpacked}");
        found.add(DIFF_ID, subject.clone(), what);
    }
}

const fn rule(fault: &Fault) -> Rule {
    match fault {
        Fault::Path { .. } | Fault::NoPath => PATH_INVALID,
        Fault::Twice { .. } | Fault::Collision { .. } | Fault::FileAndDirectory { .. } => PATH_COLLISION,
        Fault::Entry { .. } => TAR_ENTRY,
        Fault::DiffId { .. } | Fault::OtherDiffId(_) => DIFF_ID,
        Fault::Ratio | Fault::Ratios | Fault::Copies | Fault::Total { .. } | Fault::TooMany { .. } => LAYER_BOMB,
        Fault::Truncated | Fault::Broken(_) | Fault::Encoding(_) => LAYER_BROKEN,
    }
}

/// A fault of the layer's own path need not name it again.
fn text(fault: &Fault, subject: &Subject) -> String {
    match fault {
        Fault::Path { path, fault } if *path == subject.name => format!("its path {fault}"),
        fault => fault.to_string(),
    }
}
