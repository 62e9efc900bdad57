//! What a registry may have already is read to know its digest, and again if it is sent after all; all else once.

use super::{FILES, assert_passes, assert_read, model, trace};
use crate::harness::Test;
use crate::servers::registry::{Options, Registry};

/// Bytes of all files.
fn all() -> u64 {
    FILES.iter().map(|(_, size)| size).sum()
}

/// The files went to the registry once; beside them there are config and manifest only.
#[track_caller]
fn assert_sent(registry: &Registry, files: u64) {
    let sent = registry.record.received();
    assert!((files..files + 10_000).contains(&sent), "{sent}");
}

/// Nothing on the disk either: the registry gets what is read, while it is read.
#[test]
fn a_registry_gets_each_file_from_one_reading() {
    let registry = Registry::start(Options::default());
    let name = format!("{}/m:v1", registry.address());
    assert_passes(&["--push", "-t", &name], 1);
    assert_sent(&registry, all());
}

/// Only two that are equal would have to be hashed before they are sent; a look at some bytes of each tells.
#[test]
fn a_registry_gets_shards_of_one_size_from_one_reading_each() {
    let registry = Registry::start(Options::default());
    let name = format!("{}/m:v1", registry.address());
    let shard = |number: u8| vec![number; 3 << 20];
    let test = Test::new().file("m/Modelfile", "NAME m\nMODEL *.gguf\n");
    let test = test.file("m/a.gguf", shard(1)).file("m/b.gguf", shard(2));
    let Some(all) = trace(&test.args(["m", "-q", "--no-sync", "--push", "-t", &name])) else {
        return;
    };
    for shard in ["a.gguf", "b.gguf"] {
        let read = all[shard].bytes.values().sum::<u64>();
        assert!(
            ((3 << 20)..(3 << 20) + (256 << 10)).contains(&read),
            "{read} of {shard}"
        );
    }
}

/// Each has to be asked for by its digest; where the other repository has it, that is all. Of small ones nothing is read
/// twice.
#[test]
fn a_mount_that_fails_makes_it_two_readings() {
    let registry = Registry::start(Options::default());
    let push = |name: &str, from: &str| {
        let name = format!("{}/{name}:v1", registry.address());
        model(&["--push", "-t", &name, "--mount-from", from])
    };
    assert_read(&push("m", "nobody/here"), [2, 2, 1, 1]);
    assert_sent(&registry, all());
    registry.record.clear();
    assert_read(&push("other", "m"), [1; 4]);
    assert_sent(&registry, 0);
}

/// A base that is at the registry to which it goes, and one that is at another.
#[test]
fn a_base_of_the_same_registry_makes_it_two_readings() {
    let (registry, other) = (Registry::start(Options::default()), Registry::start(Options::default()));
    for (base, times) in [(&registry, [2, 2, 1, 1]), (&other, [1; 4])] {
        let host = base.address();
        let based = model(&["-o", "first"]).file("base/Modelfile", "NAME base\nMODEL base.gguf\n");
        let based = based.file("base/base.gguf", vec![9; 2 << 20]);
        let built = based.run();
        let from = format!("{host}/base:v1");
        built.then().args(["base", "-q", "--push", "-t", &from]).run();
        let modelfile = format!("FROM docker://{from}\nNAME m\nMODEL *.gguf\nCODE code\n");
        let to = format!("{}/m{}:v1", registry.address(), times[0]);
        registry.record.clear();
        other.record.clear();
        let test = built.then().file("m/Modelfile", modelfile);
        let test = test.args(["m", "-q", "--no-sync", "--push", "-t", &to]);
        assert_read(&test, times);
        // The base's own layer is taken over, or fetched and sent once.
        let moved = if times == [1; 4] { 2 << 20 } else { 0 };
        assert_sent(&registry, all() + moved);
        assert!(
            (moved..moved + 10_000).contains(&other.record.sent()),
            "{}",
            other.record.sent()
        );
    }
}

/// The artifact that has the tag now has one of its size: perhaps nothing has changed.
#[test]
fn a_layer_of_its_size_under_the_tag_makes_it_two_readings() {
    let registry = Registry::start(Options::default());
    let name = format!("{}/m:v1", registry.address());
    let push = ["--push", "-t", &name];
    let built = model(&push).run();
    let again = || built.then().args(["m", "-q", "--no-sync"]).args(push);
    // All of them are there.
    registry.record.clear();
    assert_read(&again(), [1; 4]);
    assert_sent(&registry, 0);
    // One has changed, one has become longer.
    registry.record.clear();
    let changed = again()
        .file("m/a.gguf", vec![7; 40 << 20])
        .file("m/c.gguf", vec![7; 100_001]);
    assert_read(&changed, [2, 1, 1, 1]);
    assert_sent(&registry, (40 << 20) + 100_001);
}

/// One of them is all that is sent.
#[test]
fn layers_that_may_be_equal_are_read_twice_by_the_one_that_is_sent() {
    let registry = Registry::start(Options::default());
    let name = format!("{}/m:v1", registry.address());
    let test = Test::new().file("m/Modelfile", "NAME m\nMODEL *.gguf\n");
    let shard = vec![1; 20 << 20];
    let test = test.file("m/a.gguf", &shard).file("m/b.gguf", &shard);
    let Some(all) = trace(&test.args(["m", "-q", "--no-sync", "--push", "-t", &name])) else {
        return;
    };
    // A look at some bytes is no reading.
    let mut read = ["a.gguf", "b.gguf"].map(|name| all[name].bytes[""] / (20 << 20));
    read.sort_unstable();
    assert_eq!(read, [1, 2], "{all:?}");
    assert_sent(&registry, 20 << 20);
}
