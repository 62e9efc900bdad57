//! What programs see that use the crate as a library.

use std::fmt::Debug;
use std::path::Path;

use modelbuild::model::{ModelArtifact, ModelBundle, ModelConfig, StoredModel, verify};
use modelbuild::registry::Client;
use modelbuild::store::stored::{Found, find, list};
use modelbuild::store::{Cancel, Name, Options, Reference, Silent, Tree, TreeOptions, transfer};
use tokio::runtime::{Builder, Runtime};

use crate::harness::Test;
use crate::servers::registry::{self, Registry};

/// Finds what `reference` names, and extracts it to `directory`, with a client that comes and goes.
fn fetch(reference: &str, directory: &Path) {
    let reference = Reference::parse(reference, directory).unwrap();
    let client = Client::default();
    let found = find(&reference, &client).unwrap();
    assert_eq!(list(&reference, &client, |_| Ok(Some(()))).unwrap().len(), 1);
    let tree = Tree::new(directory.to_owned(), &found, TreeOptions::default()).unwrap();
    let (options, cancel) = (Options::default(), Cancel::default());
    transfer(&found, &mut [Box::new(tree)], options, &Silent, &cancel).unwrap();
    assert_eq!(fs_err::read_to_string(directory.join("m.gguf")).unwrap(), "GGUF");
}

/// Neither to ask nor to forget the client may panic there, on whichever of its threads.
#[test]
fn a_registry_can_be_asked_inside_a_runtime() {
    let registry = Registry::start(registry::Options::default());
    let place = format!("{}/some/tiny:v1", registry.address());
    let built = Test::new()
        .file("m/Modelfile", "NAME tiny\nMODEL m.gguf\n")
        .file("m/m.gguf", "GGUF")
        .args(["build", "m", "-q", "--push", "-t", &place])
        .run();
    let reference = format!("docker://{place}");
    let directory = |name: &str| built.dir().join(name);
    let several = Runtime::new().unwrap();
    several.block_on(async { fetch(&reference, &directory("outermost")) });
    let (task, to) = (reference.clone(), directory("task"));
    several
        .block_on(several.spawn(async move { fetch(&task, &to) }))
        .unwrap();
    let (task, to) = (reference.clone(), directory("blocking"));
    let blocking = several.spawn_blocking(move || fetch(&task, &to));
    several.block_on(blocking).unwrap();
    let one = Builder::new_current_thread().build().unwrap();
    one.block_on(async { fetch(&reference, &directory("one")) });
}

/// A program may keep them where all of its threads can ask them, and print what it has.
#[test]
fn models_go_from_thread_to_thread() {
    fn goes<T: Send + Sync + ?Sized>() {}
    fn shows<T: Debug + ?Sized>() {}
    goes::<dyn ModelConfig>();
    goes::<ModelArtifact>();
    goes::<ModelBundle>();
    goes::<StoredModel>();
    goes::<Found>();
    goes::<Client>();
    shows::<dyn ModelConfig>();
    shows::<ModelArtifact>();
    shows::<ModelBundle>();
    shows::<StoredModel>();
    shows::<Found>();
    shows::<Client>();
}

#[test]
fn options_are_those_of_the_commands() {
    assert_eq!(Options::default().jobs.get(), 4);
    let cores = std::thread::available_parallelism().unwrap();
    assert_eq!(verify::Options::default().jobs, cores);
    let jobs = |place| verify::Options::of(&Reference::parse(place, Path::new(".")).unwrap().location).jobs;
    assert_eq!(jobs("layout"), cores);
    assert_eq!(jobs("docker://registry.example/m"), cores.max(Options::default().jobs));
}

#[test]
fn a_name_is_read_as_it_is_shown() {
    for name in ["llama", "llama:v1", "some/llama:v1", "registry.example:5000/a/b:v1"] {
        let name: Name = name.parse().unwrap();
        assert_eq!(name.to_string().parse(), Ok(name));
    }
    let tag = Name::of_tag("v1").unwrap();
    assert_eq!(tag.to_string(), "v1");
    assert_eq!(Name::of_tag(&tag.to_string()), Some(tag));
}
