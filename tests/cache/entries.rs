//! Which files an entry speaks of.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use fs_err::os::unix::fs::symlink;
use modelbuild::cache::{Asked, Cache, View};
use modelbuild::digest::{Digest, Stamp};

use super::{Place, SHARDS, asked, known, learn, stamp};
use crate::mount;

/// Sets the modification time of a file.
fn set_modified(path: &Path, time: SystemTime) {
    let file = fs_err::OpenOptions::new().write(true).open(path).unwrap();
    file.file().set_modified(time).unwrap();
}

#[test]
fn a_digest_is_given_for_the_very_stamp_that_it_was_recorded_for() {
    let place = Place::new();
    let path = place.file("a", "weights");
    let cache = place.cache();
    let stamp = stamp(&path);
    assert_eq!(known(&cache, &path), None);
    learn(&cache, &path);
    assert_eq!(known(&cache, &path), Some(Digest::of(b"weights")));

    let (inode, size) = (stamp.inode + 1, stamp.size + 1);
    let (modified, changed) = (stamp.modified - 1, stamp.changed - 1);
    for other in [
        Stamp { inode, ..stamp },
        Stamp { size, ..stamp },
        Stamp { modified, ..stamp },
        Stamp { changed, ..stamp },
        Stamp {
            device: stamp.device + 1,
            ..stamp
        },
    ] {
        let file = Asked {
            stamp: other,
            ..asked(&path)
        };
        assert_eq!(cache.digests(&[file]), [None], "{other:?}");
    }
}

#[test]
fn a_file_has_a_digest_for_each_view_of_it() {
    let place = Place::new();
    let path = place.file("a", "weights");
    let cache = place.cache();
    let wrapped = |prefix: &[u8], suffix: &[u8]| Asked {
        view: View::within(prefix, suffix),
        ..asked(&path)
    };
    assert_eq!(View::within(b"", b""), View::default());
    let files = [
        wrapped(b"", b""),
        wrapped(b"head", b"end"),
        wrapped(b"heade", b"nd"),
        wrapped(b"headend", b""),
        wrapped(b"", b"headend"),
        Asked {
            view: View::artifact(b"headend"),
            ..asked(&path)
        },
    ];
    let digests: Vec<Digest> = (0..6_u8).map(|number| Digest::of(&[number])).collect();
    let found: Vec<_> = files.iter().copied().zip(digests.iter().copied()).collect();
    // One after the other too: an entry must not push out its sisters.
    cache.record(&found[..2]).unwrap();
    cache.record(&found[2..]).unwrap();
    let digests: Vec<_> = digests.into_iter().map(Some).collect();
    assert_eq!(cache.digests(&files), digests);
    cache.forget(&files[1..2]).unwrap();
    assert_eq!(cache.digests(&files[..3]), [digests[0], None, digests[2]]);
}

#[test]
fn what_a_file_was_before_is_not_kept() {
    let place = Place::new();
    let path = place.file("a", "weights");
    let cache = place.cache();
    for content in ["one", "two", "three"] {
        fs_err::write(&path, content).unwrap();
        learn(&cache, &path);
    }
    let shards = place.shards();
    assert_eq!(shards.len(), 1);
    let shard = fs_err::read_to_string(&shards[0]).unwrap();
    assert_eq!(shard.lines().count(), 2, "{shard}");
}

#[test]
fn a_file_that_was_just_written_may_be_hashed_but_not_recorded() {
    let place = Place::new();
    let path = place.file("a", "weights");
    let cache = Cache::new(&place.path("cache"));
    assert!(!cache.is_settled(&path, &stamp(&path)));
    // By its modification time it is old; that anybody can set.
    set_modified(&path, SystemTime::UNIX_EPOCH);
    assert!(!cache.is_settled(&path, &stamp(&path)));
    std::thread::sleep(Duration::from_millis(2100));
    assert!(cache.is_settled(&path, &stamp(&path)));
}

#[test]
fn a_file_from_the_future_is_not_recorded() {
    let place = Place::new();
    let path = place.file("a", "weights");
    set_modified(&path, SystemTime::now() + Duration::from_hours(1));
    assert!(!place.cache().is_settled(&path, &stamp(&path)));
}

/// How far the clock of the next test is ahead, in seconds.
static AHEAD: AtomicU64 = AtomicU64::new(0);

#[test]
fn what_was_recorded_before_the_clock_was_set_back_waits_for_its_time() {
    let place = Place::new();
    let path = place.file("a", "weights");
    let clock = || SystemTime::now() - Duration::from_hours(1) + Duration::from_secs(AHEAD.load(Ordering::Relaxed));
    let cache = Cache::new(&place.path("cache")).with_clock(clock);
    AHEAD.store(3610, Ordering::Relaxed);
    learn(&cache, &path);
    assert!(known(&cache, &path).is_some());
    AHEAD.store(0, Ordering::Relaxed);
    assert_eq!(known(&cache, &path), None);
    assert!(!cache.is_settled(&path, &stamp(&path)));
    AHEAD.store(3610, Ordering::Relaxed);
    assert!(known(&cache, &path).is_some());
}

#[test]
fn a_clock_before_1970_knows_nothing() {
    let place = Place::new();
    let path = place.file("a", "weights");
    learn(&place.cache(), &path);
    let cache = Cache::new(&place.path("cache")).with_clock(|| SystemTime::UNIX_EPOCH - Duration::from_secs(1));
    assert_eq!(known(&cache, &path), None);
    assert!(!cache.is_settled(&path, &stamp(&path)));
    cache.record(&[(asked(&path), Digest::of(b"weights"))]).unwrap();
}

#[test]
fn a_moved_tree_and_a_second_name_for_it_are_known() {
    let place = Place::new();
    fs_err::create_dir(place.path("tree")).unwrap();
    let path = place.file("tree/a", "weights");
    let cache = place.cache();
    learn(&cache, &path);
    symlink(place.path("tree"), place.path("link")).unwrap();
    assert!(known(&cache, &place.path("link/a")).is_some());
    fs_err::rename(place.path("tree"), place.path("moved")).unwrap();
    assert!(known(&cache, &place.path("moved/a")).is_some());
}

/// The names of a directory's files are one shard or few: 500 numbers in a row touch three groups of 256 at most.
#[test]
fn a_small_tree_lies_in_few_shards() {
    let place = Place::new();
    let path = place.file("a", "weights");
    let first = stamp(&path);
    let found: Vec<_> = (0..500)
        .map(|number| {
            let inode = first.inode + number;
            let stamp = Stamp { inode, ..first };
            let file = Asked { stamp, ..asked(&path) };
            (file, Digest::of(&number.to_be_bytes()))
        })
        .collect();
    let cache = place.cache();
    cache.record(&found).unwrap();
    assert!(place.shards().len() <= 3);
    let files: Vec<_> = found.iter().map(|(file, _)| *file).collect();
    let digests: Vec<_> = found.iter().map(|(_, digest)| Some(*digest)).collect();
    assert_eq!(cache.digests(&files), digests);
}

#[test]
fn the_oldest_entries_of_a_full_shard_go() {
    let place = Place::new();
    let path = place.file("a", "weights");
    let first = stamp(&path);
    let file = |number: u64| Asked {
        // The same group of 256 for ever, by other views.
        view: View::within(&number.to_be_bytes(), b""),
        stamp: Stamp {
            inode: first.inode & !0xff | number & 0xff,
            ..first
        },
        path: &path,
    };
    let digest = Digest::of(b"weights");
    let old = place.cache();
    old.record(&(0..1000).map(|number| (file(number), digest)).collect::<Vec<_>>())
        .unwrap();
    let new = Cache::new(&place.path("cache")).with_clock(|| SystemTime::now() + Duration::from_mins(1));
    new.record(&(1000..2900).map(|number| (file(number), digest)).collect::<Vec<_>>())
        .unwrap();
    let files: Vec<_> = (0..2900).map(file).collect();
    let kept: Vec<bool> = new.digests(&files).iter().map(Option::is_some).collect();
    assert_eq!(kept.iter().filter(|kept| **kept).count(), 2048);
    assert!(
        kept[1000..].iter().all(|kept| *kept),
        "a newer one went before an older one"
    );
}

#[test]
fn long_paths_do_not_make_a_shard_too_large_to_be_read() {
    let place = Place::new();
    let path = place.file("a", "weights");
    let first = stamp(&path);
    let mut long = place.path("a");
    // Three bytes each when they are escaped.
    (0..15).for_each(|_| long.push("\n".repeat(200)));
    let found: Vec<_> = (0..200_u64)
        .map(|number| {
            let file = Asked {
                path: &long,
                stamp: first,
                view: View::within(&number.to_be_bytes(), b""),
            };
            (file, Digest::of(b"weights"))
        })
        .collect();
    place.cache().record(&found).unwrap();
    let shard = fs_err::metadata(&place.shards()[0]).unwrap();
    assert!(shard.len() <= 1 << 20, "{} bytes", shard.len());
    let files: Vec<_> = found.iter().map(|(file, _)| Asked { path: &path, ..*file }).collect();
    let kept = place.cache().digests(&files);
    assert!(kept.iter().any(Option::is_some) && kept.iter().any(Option::is_none));
}

#[test]
fn builds_that_write_at_once_keep_each_others_entries() {
    const WRITERS: usize = 8;
    const ROUNDS: usize = 10;
    let place = Place::new();
    let paths: Vec<_> = (0..WRITERS * ROUNDS)
        .map(|number| place.file(&number.to_string(), &number.to_string()))
        .collect();
    std::thread::scope(|scope| {
        for paths in paths.chunks(ROUNDS) {
            let cache = place.cache();
            scope.spawn(move || paths.iter().for_each(|path| learn(&cache, path)));
        }
    });
    let cache = place.cache();
    for path in &paths {
        assert_eq!(known(&cache, path), Some(Digest::of(&fs_err::read(path).unwrap())));
    }
}

#[test]
fn a_cache_of_a_newer_version_is_left_alone() {
    let place = Place::new();
    fs_err::create_dir_all(place.path("cache/digests-2")).unwrap();
    place.file("cache/digests-2/00", "something else");
    let path = place.file("a", "weights");
    learn(&place.cache(), &path);
    assert!(place.path("cache").join(SHARDS).is_dir());
    let kept = fs_err::read_to_string(place.path("cache/digests-2/00")).unwrap();
    assert_eq!(kept, "something else");
}

/// An image is replaced by another one under the same device, and all times in it are what its maker wished.
#[test]
fn files_in_an_image_are_never_recorded() {
    let place = Place::new();
    fs_err::create_dir(place.path("tree")).unwrap();
    place.file("tree/a", "weights");
    let Some(_mounted) = mount::squashfs(&place.path("tree"), &place.path("mounted")) else {
        return;
    };
    let path = place.path("mounted/a");
    assert!(!place.cache().is_settled(&path, &stamp(&path)));
    // Nor believed, should an entry say so.
    let cache = place.cache();
    cache.record(&[(asked(&path), Digest::of(b"weights"))]).unwrap();
    assert_eq!(known(&cache, &path), None);
}
