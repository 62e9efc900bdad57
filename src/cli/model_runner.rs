use std::path::Path;

use crate::build::Output;
use crate::digest::Digest;
use crate::store::{Name, Target};

/// Where Docker Model Runner's API listens on a machine with Docker Desktop or Docker Engine.
const API: &str = "http://localhost:12434/models";

/// For each tarball of a model in Docker's format the calls that make Docker Model Runner load and name it: the tag is
/// not in the tar for it.
pub fn calls(outputs: &[Output], digest: &Digest) -> Vec<(String, Vec<String>)> {
    let calls = |output: &Output| match &output.target {
        Target::Archive(path, tag) => {
            let message = format!(
                "Docker Model Runner loads `{}` and names it with these calls",
                path.display()
            );
            let names: Vec<_> = output.names.iter().chain(tag).collect();
            Some((message, load(path, digest, &names)))
        }
        Target::Layout(..) | Target::Stdout | Target::Registry(_) => None,
    };
    outputs.iter().filter_map(calls).collect()
}

fn load(path: &Path, digest: &Digest, names: &[&Name]) -> Vec<String> {
    // `-T` sends the file as it is read; `--data-binary` would hold all of it in memory.
    let load = format!("curl -X POST -T {} {API}/load", argument(&path.display().to_string()));
    let tag = |(repository, tag)| format!("curl -X POST '{API}/{digest}/tag?repo={repository}&tag={tag}'");
    let mut places: Vec<_> = names
        .iter()
        .filter_map(|name| Some((name.repository()?, name.tag())))
        .collect();
    if places.is_empty() {
        places.push(("REPOSITORY", names.first().map_or("TAG", |name| name.tag())));
    }
    std::iter::once(load).chain(places.into_iter().map(tag)).collect()
}

/// A path as the argument of curl's `-T`, in a shell. curl takes braces and brackets for a pattern unless told not to.
fn argument(path: &str) -> String {
    let is_plain = |character: char| character.is_alphanumeric() || "._-+,/:@%=".contains(character);
    if path.chars().all(is_plain) {
        return path.to_owned();
    }
    let quoted = path.replace('\'', r"'\''");
    if path.contains(['{', '}', '[', ']']) {
        format!("'{quoted}' --globoff")
    } else {
        format!("'{quoted}'")
    }
}
