//! What stands where the cache should be.

use std::os::unix::fs::{MetadataExt as _, PermissionsExt, chown};
use std::path::Path;

use fs_err::os::unix::fs::symlink;
use modelbuild::cache::default_directory;
use modelbuild::digest::Digest;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{Place, SHARDS, known, learn};
use crate::harness::{NOBODY, snapshot};
use crate::mount;

fn set_mode(path: &Path, mode: u32) {
    fs_err::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
}

/// A place whose cache knows one file.
fn known_file() -> (Place, std::path::PathBuf) {
    let place = Place::new();
    let path = place.file("a", "weights");
    learn(&place.cache(), &path);
    (place, path)
}

#[test]
fn directories_and_shards_are_the_users_alone() {
    let (place, _) = known_file();
    let mode = |path: &Path| fs_err::metadata(path).unwrap().mode() & 0o7777;
    assert_eq!(mode(&place.path("cache")), 0o700);
    assert_eq!(mode(&place.path("cache").join(SHARDS)), 0o700);
    assert_eq!(mode(&place.shards()[0]), 0o600);
    assert_eq!(place.shards().len(), 1);
}

#[test]
fn a_shard_that_was_cut_off_or_changed_says_nothing_and_is_replaced() {
    let (place, path) = known_file();
    let shard = place.shards().remove(0);
    let whole = fs_err::read(&shard).unwrap();
    let right = Some(Digest::of(b"weights"));
    assert_eq!(known(&place.cache(), &path), right);
    for length in 0..whole.len() {
        fs_err::write(&shard, &whole[..length]).unwrap();
        assert_eq!(known(&place.cache(), &path), None, "{length} bytes");
    }
    for bit in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        fs_err::write(&shard, &changed).unwrap();
        assert_eq!(known(&place.cache(), &path), None, "bit {bit}");
    }
    learn(&place.cache(), &path);
    assert_eq!(known(&place.cache(), &path), right);
}

#[test]
fn hostile_shards_say_nothing() {
    let (place, path) = known_file();
    let shard = place.shards().remove(0);
    let whole = fs_err::read_to_string(&shard).unwrap();
    let line = whole.lines().nth(1).unwrap().to_owned();
    let word = |index: usize, word: &str| {
        let mut words: Vec<_> = line.split(' ').collect();
        words[index] = word;
        words.join(" ")
    };
    for line in [
        String::new(),
        " ".to_owned(),
        format!("{line} "),
        format!(" {line}"),
        format!("{line}\r"),
        word(0, "-1"),
        word(1, "18446744073709551616"),
        word(2, "1e9"),
        word(3, &"9".repeat(100)),
        word(5, "+"),
        word(6, &"g".repeat(64)),
        word(6, &"a".repeat(63)),
        word(6, "sha256"),
        line.rsplit_once(' ').unwrap().0.to_owned(),
        "\u{0}".repeat(1000),
    ] {
        let body = format!("{line}\n");
        let header = format!("modelbuild-digests 1 {}", Digest::of(body.as_bytes()).hex());
        fs_err::write(&shard, format!("{header}\n{body}")).unwrap();
        assert_eq!(known(&place.cache(), &path), None, "{line:?}");
    }
    for bytes in [vec![0; 4096], vec![0xff; 4096], vec![b'\n'; 4096]] {
        fs_err::write(&shard, bytes).unwrap();
        assert_eq!(known(&place.cache(), &path), None);
    }
    // Another version of the format, all else being right.
    fs_err::write(&shard, whole.replace("digests 1 ", "digests 2 ")).unwrap();
    assert_eq!(known(&place.cache(), &path), None);
    // Larger than any that we write.
    fs_err::OpenOptions::new()
        .write(true)
        .open(&shard)
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    assert_eq!(known(&place.cache(), &path), None);
    learn(&place.cache(), &path);
    assert!(known(&place.cache(), &path).is_some());
}

#[test]
fn a_shard_that_is_no_file_of_ours_is_not_opened() {
    let (place, path) = known_file();
    let shard = place.shards().remove(0);
    let elsewhere = place.path("elsewhere");
    let make: [&dyn Fn(); 4] = [
        &|| {
            fs_err::copy(&shard, &elsewhere).unwrap();
            fs_err::remove_file(&shard).unwrap();
            symlink(&elsewhere, &shard).unwrap();
        },
        &|| {
            fs_err::remove_file(&shard).unwrap();
            mknodat(CWD, &shard, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        },
        &|| {
            fs_err::remove_file(&shard).unwrap();
            symlink("/dev/zero", &shard).unwrap();
        },
        &|| {
            fs_err::remove_file(&shard).unwrap();
            symlink("nothing", &shard).unwrap();
        },
    ];
    let saved = fs_err::read(&shard).unwrap();
    for make in make {
        make();
        assert_eq!(known(&place.cache(), &path), None);
        learn(&place.cache(), &path);
        assert!(known(&place.cache(), &path).is_some());
        assert!(fs_err::symlink_metadata(&shard).unwrap().is_file());
    }
    // What a symlink led to was not written to.
    assert_eq!(fs_err::read(&elsewhere).unwrap(), saved);

    fs_err::remove_file(&shard).unwrap();
    fs_err::create_dir(&shard).unwrap();
    assert_eq!(known(&place.cache(), &path), None);
    place
        .cache()
        .record(&[(super::asked(&path), Digest::of(b"weights"))])
        .unwrap_err();
    assert_eq!(known(&place.cache(), &path), None);
}

#[test]
fn what_others_can_write_to_is_not_believed() {
    let (place, path) = known_file();
    let (shard, directory) = (place.shards().remove(0), place.path("cache").join(SHARDS));
    for target in [&shard, &directory] {
        let before = fs_err::metadata(target).unwrap().mode();
        for mode in [0o620, 0o602, 0o722, 0o777] {
            set_mode(target, mode);
            assert_eq!(known(&place.cache(), &path), None, "{} {mode:o}", target.display());
        }
        set_mode(target, before);
        assert!(known(&place.cache(), &path).is_some());
    }
}

#[test]
fn what_belongs_to_somebody_else_is_neither_read_nor_written() {
    if !mount::is_root() {
        return;
    }
    let (place, path) = known_file();
    let (shard, directory) = (place.shards().remove(0), place.path("cache").join(SHARDS));
    chown(&shard, Some(NOBODY), None).unwrap();
    assert_eq!(known(&place.cache(), &path), None);
    learn(&place.cache(), &path);
    assert_eq!(fs_err::metadata(&shard).unwrap().uid(), 0);
    assert!(known(&place.cache(), &path).is_some());

    chown(&directory, Some(NOBODY), None).unwrap();
    let before = snapshot(&directory);
    assert_eq!(known(&place.cache(), &path), None);
    let error = place
        .cache()
        .record(&[(super::asked(&path), Digest::of(b"weights"))])
        .unwrap_err();
    assert!(error.to_string().ends_with("belongs to another user"), "{error}");
    assert_eq!(before, snapshot(&directory));
}

#[test]
fn a_directory_that_is_a_symlink_is_not_followed() {
    let (place, path) = known_file();
    let directory = place.path("cache").join(SHARDS);
    fs_err::rename(&directory, place.path("elsewhere")).unwrap();
    symlink(place.path("elsewhere"), &directory).unwrap();
    assert_eq!(known(&place.cache(), &path), None);
    assert!(
        place
            .cache()
            .check()
            .unwrap_err()
            .to_string()
            .ends_with("is not a directory")
    );
    // The place itself may be one: people put their caches on other disks.
    fs_err::remove_file(&directory).unwrap();
    fs_err::rename(place.path("elsewhere"), &directory).unwrap();
    fs_err::rename(place.path("cache"), place.path("disk")).unwrap();
    symlink(place.path("disk"), place.path("cache")).unwrap();
    assert!(known(&place.cache(), &path).is_some());
}

#[test]
fn a_killed_build_leaves_nothing_that_stays() {
    let (place, path) = known_file();
    let leftover = place.path("cache").join(SHARDS).join(".modelbuild-abcdef");
    fs_err::write(&leftover, "half").unwrap();
    fs_err::write(&path, "others").unwrap();
    learn(&place.cache(), &path);
    assert!(!leftover.exists());
}

#[test]
fn somebody_who_holds_the_lock_for_ever_is_not_waited_for() {
    let (place, path) = known_file();
    let directory = fs_err::File::open(place.path("cache").join(SHARDS)).unwrap();
    rustix::fs::flock(&directory, rustix::fs::FlockOperation::LockExclusive).unwrap();
    assert!(known(&place.cache(), &path).is_some());
    fs_err::write(&path, "others").unwrap();
    place
        .cache()
        .record(&[(super::asked(&path), Digest::of(b"others"))])
        .unwrap_err();
}

#[test]
fn a_full_disk_keeps_what_is_known() {
    let place = Place::new();
    let path = place.file("a", "weights");
    let Some(mounted) = mount::tmpfs(&place.path("cache"), "256k") else {
        return;
    };
    learn(&place.cache(), &path);
    let mut filler = 0;
    while fs_err::write(place.path("cache").join(filler.to_string()), [0; 4096]).is_ok() {
        filler += 1;
    }
    let other = place.file("b", "others");
    place
        .cache()
        .record(&[(super::asked(&other), Digest::of(b"others"))])
        .unwrap_err();
    assert_eq!(known(&place.cache(), &path), Some(Digest::of(b"weights")));
    assert_eq!(place.shards().len(), 1);
    drop(mounted);
}

#[test]
fn the_place_is_the_users_directory_for_caches() {
    let directory = |xdg: &str, home: &str| {
        let path = |text: &'static str| Some(Path::new(text)).filter(|path| !path.as_os_str().is_empty());
        let leak = |text: &str| -> &'static str { String::from(text).leak() };
        default_directory(path(leak(xdg)), path(leak(home))).map(|path| path.display().to_string())
    };
    assert_eq!(directory("/c", "/h").as_deref(), Some("/c/modelbuild"));
    assert_eq!(directory("", "/h").as_deref(), Some("/h/.cache/modelbuild"));
    assert_eq!(directory("relative", "/h").as_deref(), Some("/h/.cache/modelbuild"));
    assert_eq!(directory("", "relative"), None);
    assert_eq!(directory("", ""), None);
}
