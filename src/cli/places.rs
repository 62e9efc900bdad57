//! The places that a build writes to, checked before anything is read: none may spoil another, or an input.

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use super::exit::Failure;
use super::{report_file, written_over};
use crate::build::Output;
use crate::plan::real_path;
use crate::store::{Address, Name, Target};

/// What is meant where no tag is given.
const LATEST: &str = "latest";

/// Joins outputs to the same layout or repository: one destination with all the names.
pub fn join(outputs: Vec<Output>) -> Vec<Output> {
    let mut joined: Vec<Output> = Vec::new();
    for output in outputs {
        let same = joined
            .iter_mut()
            .find(|earlier| match (&earlier.target, &output.target) {
                (Target::Layout(one, _), Target::Layout(other, _)) => real_path(one) == real_path(other),
                (Target::Registry(one), Target::Registry(other)) => {
                    (&one.host, &one.repository) == (&other.host, &other.repository)
                }
                _ => false,
            });
        match same {
            None => joined.push(output),
            Some(earlier) => {
                let tag = match (output.target, &mut earlier.target) {
                    (Target::Layout(_, tag), _) => tag,
                    (Target::Registry(mut address), Target::Registry(first)) => {
                        let tag = tag_of(&mut address);
                        (tag != tag_of(first)).then(|| Name::of_tag(&tag)).flatten()
                    }
                    _ => None,
                };
                for name in output.names.into_iter().chain(tag) {
                    if !earlier.names.contains(&name) {
                        earlier.names.push(name);
                    }
                }
            }
        }
    }
    let mut before: Vec<Address> = Vec::new();
    for output in &mut joined {
        let Some(address) = output.address() else {
            continue;
        };
        // What the one gets, the next one of the same registry can have from there.
        let beside = before.iter().filter(|other| other.host == address.host);
        output.beside.extend(beside.map(|other| other.repository.clone()));
        before.push(address);
    }
    joined
}

/// The tag of an address, which is `latest` where none is given.
fn tag_of(address: &mut Address) -> String {
    address.tag.get_or_insert_with(|| LATEST.to_owned()).clone()
}

/// Refuses a default place whose name, the model's, no file system takes.
pub fn check_default(place: &Path) -> Result<(), Failure> {
    /// `NAME_MAX` of every file system in wide use, in bytes.
    const LONGEST: usize = 255;
    let length = place.file_name().map_or(0, std::ffi::OsStr::len);
    if length > LONGEST {
        return Err(Failure::usage(
            format!("the model's name is too long for a directory in `dist`: {length} bytes, {LONGEST} are the most"),
            "choose a place with `-o`, or shorten `NAME`",
        ));
    }
    Ok(())
}

/// The repositories of `given` that are at `host`, by their names there.
pub fn mounts(given: &[String], host: &str) -> Vec<String> {
    let is_there = |(other, _): &(Option<&str>, &str)| other.is_none_or(|other| other.eq_ignore_ascii_case(host));
    let there = given.iter().map(|text| host_and_repository(text)).filter(is_there);
    there.map(|(_, repository)| repository.to_owned()).collect()
}

/// Refuses a repository to mount from that is at none of the registries of `targets`, and what is no repository: all that
/// a registry would say of it is that it mounts nothing.
pub fn check_mounts(given: &[String], targets: &[Target]) -> Result<(), Failure> {
    let hosts = targets.iter().filter_map(|target| match target {
        Target::Registry(address) => Some(&address.host),
        _ => None,
    });
    let hosts: Vec<_> = hosts.collect();
    for text in given {
        let (host, repository) = host_and_repository(text);
        let address = format!("{}/{repository}", host.unwrap_or("localhost")).parse::<Address>();
        if !address.is_ok_and(|address| address.tag.is_none() && address.digest.is_none()) {
            return Err(Failure::usage(
                format!("`{text}` is no repository to mount from"),
                "write its name alone, without a tag, as in `base/llama`",
            ));
        }
        if let (Some(host), [first, ..]) = (host, hosts.as_slice())
            && !hosts.iter().any(|other| other.eq_ignore_ascii_case(host))
        {
            return Err(Failure::usage(
                format!("`{text}` is at another registry, from which {first} takes no blobs over"),
                format!("name a repository of {first}; if that is one, write `{first}/{text}`"),
            ));
        }
    }
    Ok(())
}

/// The two parts of a repository's name, of which the first may be missing. It is told as in references.
fn host_and_repository(text: &str) -> (Option<&str>, &str) {
    let text = text.strip_prefix("docker://").unwrap_or(text);
    match text.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), rest),
        _ => (None, text),
    }
}

/// Refuses two names with one tag: in an index they would be two entries, of which skopeo and oras find the first.
pub fn check_tags(names: &[Name]) -> Result<(), Failure> {
    for (at, name) in names.iter().enumerate() {
        let earlier = names
            .iter()
            .take(at)
            .find(|other| other.tag() == name.tag() && *other != name);
        if let Some((earlier, name)) = earlier.and_then(Name::full).zip(name.full()) {
            return Err(Failure::usage(
                format!("`{earlier}` and `{name}` have the same tag"),
                "in a layout or a tarball skopeo and oras look up the tag alone: choose another one, or build once for each name, to another place",
            ));
        }
    }
    Ok(())
}

/// Refuses places that would spoil each other or one of `inputs`, and a standard output that can take no tar.
pub fn check(outputs: &[Output], files: &[&PathBuf], inputs: &[PathBuf]) -> Result<(), Failure> {
    check_stdout(
        outputs.iter().map(|output| &output.target),
        "redirect it, as in `modelbuild . -o - > model.tar`, or write a file with `-o model.tar`",
    )?;
    let mut written: Vec<(PathBuf, String, bool)> = Vec::new();
    let outputs = outputs.iter().filter_map(|output| {
        let is_layout = matches!(output.target, Target::Layout(..));
        output.path().map(|path| (path, is_layout))
    });
    for (path, is_layout) in outputs.chain(files.iter().map(|path| (*path, false))) {
        let (place, shown) = (real_path(path), path.display().to_string());
        written_over::check(path, inputs.iter().map(PathBuf::as_path))?;
        // Below a file there is nothing; one that is a directory already is refused for that.
        let is_upper = is_layout || !place.is_dir();
        for (other, other_shown, other_is_upper) in &written {
            if place == *other {
                return Err(Failure::usage(
                    format!("the output `{shown}` is given twice"),
                    "give it once, or write each to a place of its own; `-t` gives an artifact several names",
                ));
            }
            if is_upper && other.starts_with(&place) || *other_is_upper && place.starts_with(other) {
                return Err(Failure::usage(
                    format!("of the outputs `{other_shown}` and `{shown}` one lies in the other"),
                    "write each to a place of its own",
                ));
            }
        }
        written.push((place, shown, is_upper));
    }
    files.iter().try_for_each(|file| report_file::check(file))
}

/// Refuses to write a tar twice to standard output, or to a terminal. `help` says what to do there instead.
pub fn check_stdout<'a>(targets: impl Iterator<Item = &'a Target>, help: &str) -> Result<(), Failure> {
    let count = targets.filter(|target| **target == Target::Stdout).count();
    if count > 1 {
        Err(Failure::usage("the output `-` is given twice", "give it once"))
    } else if count == 1 && std::io::stdout().is_terminal() {
        Err(Failure::usage(
            "standard output is a terminal, and a tar would make a mess of it",
            help,
        ))
    } else {
        Ok(())
    }
}
