//! Where the file system can share blocks, an output takes no space for what the source files hold already.

use std::path::Path;

use crate::harness::{Output, Test, sha256};
use crate::layout;
use crate::mount::image;
use crate::oracle::{Oracle, oracle};

/// Bytes that the file shares with another file, from what `filefrag -v` says of its extents.
fn shared(filefrag: &Oracle, path: &Path) -> u64 {
    // `-s`: btrfs gives a file its blocks when it writes them to the disk.
    let args = ["-s", "-v", "-b1"].map(AsRef::as_ref);
    let answer = filefrag.approve(Path::new("/"), args.into_iter().chain([path.as_os_str()]));
    let text = String::from_utf8(answer).unwrap();
    // `   0:        0..    8388607:   1234..   5678:  8388608:      last,shared,eof`
    text.lines()
        .filter(|line| line.contains("shared"))
        .map(|line| {
            let fields: Vec<_> = line.split(':').collect();
            fields[3].trim().parse::<u64>().unwrap()
        })
        .sum()
}

/// 20 MiB and a bit that is no multiple of a block.
const SIZE: usize = (20 << 20) + 1234;

fn weights() -> Vec<u8> {
    (0..SIZE).map(|at| ((at * at) >> 7).to_le_bytes()[0]).collect()
}

fn outputs_share_blocks_with_the_files(kind: &str) {
    let test = Test::new();
    let (Some(filefrag), Some(mounted)) = (oracle("filefrag"), image(&test.dir().join("disk"), kind)) else {
        return;
    };
    let _mounted = (mounted, test.keep());
    let weights = weights();
    let output = test
        .file("disk/m/Modelfile", "NAME m\nMODEL *.gguf\n")
        .file("disk/m/a.gguf", &weights)
        .file("disk/m/b.gguf", &weights[1 << 20..])
        .args(["build", "-q", "disk/m"])
        .args(["-o", "disk/raw", "-o", "disk/raw.tar"])
        .run();
    let dir = output.dir().join("disk");
    output
        .then()
        .args(["build", "-q", "disk/m", "--tar"])
        .args(["-o", "disk/tar", "-o", "disk/tar.tar"])
        .run();

    let both = (2 * SIZE - (1 << 20)) as u64;
    // All but what lies in blocks that hold something else too.
    let most = both - (1 << 20);
    for tar in ["raw.tar", "tar.tar"] {
        layout::check_tar(&dir.join(tar));
        let shared = shared(&filefrag, &dir.join(tar));
        assert!(shared >= most, "{tar} shares {shared} of {both} bytes");
    }
    output
        .then()
        .args(["extract", "-q", "disk/raw", "disk/files", "--no-cache"])
        .run();
    let files: u64 = ["a.gguf", "b.gguf"]
        .map(|name| shared(&filefrag, &dir.join("files").join(name)))
        .iter()
        .sum();
    assert!(files >= most, "extracted files share {files} of {both} bytes");
    for name in ["raw", "tar"] {
        let blobs: u64 = layout::check(&dir.join(name))
            .blobs
            .iter()
            .map(|digest| shared(&filefrag, &dir.join(name).join("blobs").join(digest.replace(':', "/"))))
            .sum();
        assert!(blobs >= most, "{name} shares {blobs} of {both} bytes");
    }
}

/// Where the whole blob is shared and the source was at rest, the source is hashed: the copy's bytes are in no cache.
fn a_file_at_rest_is_shared_and_hashed_where_it_is(kind: &str) {
    let test = Test::new();
    let (Some(filefrag), Some(mounted)) = (oracle("filefrag"), image(&test.dir().join("disk"), kind)) else {
        return;
    };
    let _mounted = (mounted, test.keep());
    let weights = weights();
    let test = test
        .file("disk/m/Modelfile", "NAME m\nMODEL *.gguf\n")
        .file("disk/m/a.gguf", &weights);
    let stored = |output: &Output| {
        let layout = output.dir().join("disk/out");
        let blob = layout.join("blobs").join(sha256(&weights).replace(':', "/"));
        layout::check(&layout);
        shared(&filefrag, &blob)
    };
    // Written a moment ago, so that the copy is hashed.
    let first = test.args(["build", "-q", "disk/m", "-o", "disk/out"]).run();
    assert!(stored(&first) >= (SIZE - (1 << 20)) as u64);
    // Two seconds later it counts as at rest.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    fs_err::remove_dir_all(first.dir().join("disk/out")).unwrap();
    let second = first.then().args(["build", "-q", "disk/m", "-o", "disk/out"]).run();
    assert!(stored(&second) >= (SIZE - (1 << 20)) as u64);
    assert_eq!(first.text(), second.text());
}

#[test]
fn xfs_shares_blocks() {
    outputs_share_blocks_with_the_files("xfs");
}

#[test]
fn btrfs_shares_blocks() {
    outputs_share_blocks_with_the_files("btrfs");
}

#[test]
fn xfs_shares_a_file_at_rest() {
    a_file_at_rest_is_shared_and_hashed_where_it_is("xfs");
}

#[test]
fn btrfs_shares_a_file_at_rest() {
    a_file_at_rest_is_shared_and_hashed_where_it_is("btrfs");
}
