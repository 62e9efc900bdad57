use super::PlannedFile;
use super::shards::Shard;
use crate::modelfile::Kind;

/// Where a file stands among the layers; less comes first.
///
/// Docker Model Runner takes "the" model file by layer order, so top-level weights come first, shards by their numbers;
/// then whatever a loader reads with them. No reader depends on the rest. Inside of a group the path's bytes decide.
pub(super) fn key(file: &PlannedFile) -> (u8, &str, u32, &str) {
    let path = file.path.as_str();
    let (name, number) = match (group(file), Shard::of(path)) {
        (0, Some(shard)) => (shard.prefix, shard.number),
        (0, None) => (path, 0),
        _ => ("", 0),
    };
    (group(file), name, number, path)
}

fn group(file: &PlannedFile) -> u8 {
    match file.kind {
        Kind::Weight if !file.path.contains('/') => 0,
        Kind::Projector => 1,
        Kind::Template => 2,
        Kind::Config => 3,
        Kind::Weight => 4,
        Kind::Code => 5,
        Kind::Doc => 6,
        Kind::Dataset => 7,
    }
}
