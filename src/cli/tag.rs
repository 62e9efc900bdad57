//! `tag`: further names for an artifact, where it is.

use std::path::Path;

use serde_json::{Value, json};

use super::console::Console;
use super::exit::Failure;
use super::options::{self, Format, Shared};
use super::result::print;
use super::{places, progress, registries, replaced};
use crate::modelfile::escape;
use crate::plan::real_path;
use crate::registry::Cancel;
use crate::store::house::{Tagged, tag, tag_remote};
use crate::store::{Durability, Location, Name, Taken};

/// The version of the JSON document.
const VERSION: u32 = 1;

/// Gives an artifact further names.
pub fn run(options: &options::Tag, shared: &Shared, console: &Console) -> Result<(), Failure> {
    let reference = &options.source.reference;
    let tags: Vec<_> = options.tags.iter().map(|tag| tag.name.clone()).collect();
    places::check_tags(&tags)?;
    let mut named = options.tags.iter().filter_map(|tag| tag.named.as_ref());
    if let Some(named) = named.find(|named| !is_same(&named.reference.location, &reference.location)) {
        return Err(Failure::usage(
            format!("`{}` is in another place than `{}`", named.text, options.source.text),
            "an artifact gets tags where it is; `modelbuild copy` brings it elsewhere",
        ));
    }
    let tagged = match &reference.location {
        Location::Layout(path) => tag(path, &reference.choice, &tags, Durability::Synced),
        Location::Archive(path) | Location::File(path) => return Err(archive(path)),
        Location::Registry(address) => {
            if let Some(name) = tags.iter().find_map(Name::full) {
                return Err(Failure::usage(
                    format!("`{name}` is more than a tag"),
                    "in a registry an artifact gets tags beside its own: write the tag alone, such as `v2`; `modelbuild copy` brings it to another repository",
                ));
            }
            let watcher = progress::watcher(shared.progress, options.quiet);
            let hosts = [address.host.as_str()];
            let client = registries::with_options(&options.registry, &hosts, shared, watcher, &Cancel::default())?;
            tag_remote(&client, address, &tags)
        }
    };
    let tagged = tagged.map_err(|error| Failure::keeping(error.of(&reference.choice), Taken::Taggable))?;
    let place = match &reference.location {
        Location::Registry(address) => address.whole_repository(),
        location => location.path().unwrap_or(Path::new("")).display().to_string(),
    };
    if !options.quiet {
        for (message, help) in replaced::notes(&place, reference.location.host().is_some(), &tagged.replaced) {
            console.note(&message, &[help.to_owned()]);
        }
    }
    print(&match options.format {
        _ if options.quiet => format!("{}\n", tagged.descriptor.digest),
        Format::Text => text(&tagged),
        Format::Json => {
            let repository = reference.location.host().map(|_| place.as_str());
            format!("{:#}\n", document(&options.source.text, repository, &tagged))
        }
    })
}

/// Whether two places are one, whichever artifact in it is meant.
fn is_same(one: &Location, other: &Location) -> bool {
    match (one, other) {
        (Location::Layout(one), Location::Layout(other)) => real_path(one) == real_path(other),
        (Location::Registry(one), Location::Registry(other)) => {
            (&one.host, &one.repository) == (&other.host, &other.repository)
        }
        _ => false,
    }
}

fn archive(path: &Path) -> Failure {
    Failure::usage(
        format!("`{}` is a tarball, whose index is not changed in place", path.display()),
        "copy it under the other tag, as with `modelbuild copy OLD.tar oci-archive:NEW.tar:TAG`",
    )
}

/// A line a name, digest first.
fn text(tagged: &Tagged) -> String {
    let line = |given: &Name| format!("{}  {}\n", tagged.descriptor.digest, escape(&given.to_string()));
    tagged.names.iter().map(line).collect()
}

/// `repository` is where it is, in a registry.
fn document(reference: &str, repository: Option<&str>, tagged: &Tagged) -> Value {
    let name = |name: &Name| match repository {
        Some(repository) => Some(format!("{repository}:{}", name.tag())),
        None => name.full().map(str::to_owned),
    };
    json!({
        "version": VERSION,
        "reference": reference,
        "mediaType": tagged.descriptor.media_type,
        "digest": tagged.descriptor.digest,
        "size": tagged.descriptor.size,
        "tags": tagged.names.iter().map(Name::tag).collect::<Vec<_>>(),
        "names": tagged.names.iter().filter_map(name).collect::<Vec<_>>(),
        "replaced": tagged.replaced.iter().map(replaced::json).collect::<Vec<_>>(),
        "changed": tagged.changed,
    })
}
