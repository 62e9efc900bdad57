//! A layout of up to ten parts, whose digests are put right, before `verify` and `extract`: nothing beside the directory
//! changes, nor does the layout, and what one of them calls damaged, the other does not call sound.
//!
//! The parts stand behind each other, with a line of `%%` between two. The first is `index.json`, the others are blobs. In
//! what begins as JSON does, `@3` stands for the digest of the third blob, `#3` for its size and `~3` for the digest of
//! what is in it; so no part can lead to one before it. A tar has the sums of its headers put right, and `gz:` before one
//! has it compressed.
#![no_main]

use std::collections::BTreeSet;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use modelbuild::artifact::Dialect;
use modelbuild::digest::Digest;
use modelbuild::model::verify::{self, Severity, verify};
use modelbuild::model::{Bundling, arrangement};
use modelbuild::registry::{Cancel, Client};
use modelbuild::store::stored::{Found, OpenError, find};
use modelbuild::store::{
    Arrangement, Choice, Durability, Error, Fault, Location, Options, Reference, Silent, Tree, TreeError, TreeOptions,
    transfer,
};

/// As many as a digit can name.
const MOST: usize = 10;

fuzz_target!(|bytes: &[u8]| {
    let root = tempfile::tempdir_in("/dev/shm").expect("memory");
    let layout = root.path().join("layout");
    let made = write(&layout, bytes);
    judge(root.path(), &layout);
    let left: BTreeSet<_> = names(&layout.join("blobs/sha256")).collect();
    assert_eq!(left, made, "the layout is another one");
    for name in names(root.path()) {
        let is_ours = ["layout", "out", "bundle"].contains(&name.as_str());
        assert!(is_ours, "{name:?} was made beside it");
    }
});

fn names(directory: &Path) -> impl Iterator<Item = String> {
    let entries = fs_err::read_dir(directory).expect("the directory");
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
}

/// Writes the parts, and gives the names of the blobs.
fn write(layout: &Path, bytes: &[u8]) -> BTreeSet<String> {
    let blobs = layout.join("blobs/sha256");
    fs_err::create_dir_all(&blobs).expect("a directory");
    fs_err::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a file");
    let parts = parts(bytes);
    let mut digests = vec![None; parts.len()];
    let mut made = BTreeSet::new();
    for (number, part) in parts.iter().enumerate().rev() {
        let (blob, inside) = finished(part, &digests);
        if number == 0 {
            fs_err::write(layout.join("index.json"), blob).expect("a file");
            break;
        }
        let digest = Digest::of(&blob);
        fs_err::write(blobs.join(digest.hex()), &blob).expect("a file");
        made.insert(digest.hex());
        if let Some(known) = digests.get_mut(number) {
            *known = Some((digest, blob.len(), inside));
        }
    }
    made
}

fn parts(bytes: &[u8]) -> Vec<&[u8]> {
    const LINE: &[u8] = b"\n%%\n";
    let mut parts = Vec::new();
    let mut rest = bytes;
    while parts.len() + 1 < MOST
        && let Some(at) = rest.windows(LINE.len()).position(|window| window == LINE)
    {
        let (part, behind) = rest.split_at(at);
        parts.push(part);
        rest = &behind[LINE.len()..];
    }
    parts.push(rest);
    parts
}

/// The bytes of a part, and the digest of what is in them.
fn finished(part: &[u8], known: &[Option<(Digest, usize, Digest)>]) -> (Vec<u8>, Digest) {
    if part.starts_with(b"{") {
        let mut text = Vec::new();
        let mut bytes = part.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            let number = bytes.peek().and_then(|digit| char::from(*digit).to_digit(10));
            let named = number.and_then(|number| known.get(number as usize)?.as_ref());
            let Some((digest, size, inside)) = named.filter(|_| b"@#~".contains(&byte)) else {
                text.push(byte);
                continue;
            };
            bytes.next();
            match byte {
                b'@' => text.extend(digest.to_string().bytes()),
                b'#' => text.extend(size.to_string().bytes()),
                _ => text.extend(inside.to_string().bytes()),
            }
        }
        let digest = Digest::of(&text);
        return (text, digest);
    }
    let (is_packed, tar) = part.strip_prefix(b"gz:").map_or((false, part), |rest| (true, rest));
    let mut tar = tar.to_vec();
    tar.chunks_exact_mut(512).for_each(sum);
    let digest = Digest::of(&tar);
    if !is_packed {
        return (tar, digest);
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&tar).expect("memory");
    (encoder.finish().expect("memory"), digest)
}

/// Puts the sum of a tar's header right, where a block is one.
fn sum(block: &mut [u8]) {
    if block.get(257..262) != Some(b"ustar".as_slice()) {
        return;
    }
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().copied().map(u32::from).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn judge(root: &Path, layout: &Path) {
    let client = Client::default();
    let reference = Reference {
        location: Location::Layout(layout.to_owned()),
        choice: Choice::Only,
        variant: Vec::new(),
    };
    let is_damaged = match find(&reference, &client) {
        Ok(found) => {
            if let Ok(bundling) = Bundling::new(&found) {
                let _ = extract(&found, root.join("bundle"), bundling.arrangement());
            }
            let is_refused = is_refused(extract(&found, root.join("out"), arrangement(&found)));
            // One layer of a container image may take away what another has, and what is no model may be one.
            let is_model = found.model().is_ok_and(|model| model.dialect != Dialect::Image);
            is_model && is_refused
        }
        Err(error) => matches!(error, OpenError::Damaged { .. }),
    };
    let how = verify::Options {
        jobs: NonZeroUsize::MIN,
    };
    if let Ok(report) = verify(&reference, &client, how, &Silent, &Cancel::default()) {
        assert!(
            !(is_damaged && report.is_sound(Severity::Warning)),
            "called sound: {report:#?}"
        );
    }
}

fn extract(found: &Found, to: PathBuf, arrangement: Arrangement) -> Result<(), Error> {
    let options = TreeOptions {
        durability: Durability::Unsynced,
        ..TreeOptions::default()
    };
    let jobs = Options {
        jobs: NonZeroUsize::MIN,
    };
    let tree = Tree::arranged(to, found, options, arrangement)?;
    transfer(found, &mut [Box::new(tree)], jobs, &Silent, &Cancel::default()).map(drop)
}

/// Whether extract says that what was found is damaged, and not only that nothing tells how to extract it.
fn is_refused(extracted: Result<(), Error>) -> bool {
    match extracted {
        Ok(())
        | Err(Error::Tree(TreeError::Layer {
            fault: Fault::NoPath | Fault::Encoding(_),
            ..
        })) => false,
        Err(Error::Tree(error)) => error.is_damage(),
        Err(error) => matches!(error, Error::Mismatch { .. } | Error::Missing { .. }),
    }
}
