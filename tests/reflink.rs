//! Where the file system can share blocks, an output takes no space for what the source files hold already.

use std::path::Path;
use std::process::Command;

use crate::harness::{Test, sha256};
use crate::layout;
use crate::mount::xfs;

/// Bytes that the file shares with another file, from what `filefrag -v` says of its extents.
fn shared(path: &Path) -> u64 {
    let output = Command::new("filefrag").args(["-v", "-b1"]).arg(path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
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

#[test]
fn outputs_share_blocks_with_the_files() {
    let test = Test::new();
    let Some(mounted) = xfs(&test.dir().join("xfs")) else {
        return;
    };
    let _mounted = (mounted, test.keep());
    let weights: Vec<u8> = (0..SIZE).map(|at| ((at * at) >> 7).to_le_bytes()[0]).collect();
    let output = test
        .file("xfs/m/Modelfile", "NAME m\nMODEL *.gguf\n")
        .file("xfs/m/a.gguf", &weights)
        .file("xfs/m/b.gguf", &weights[1 << 20..])
        .args(["build", "-q", "xfs/m"])
        .args(["-o", "xfs/raw", "-o", "xfs/raw.tar"])
        .run();
    let dir = output.dir().join("xfs");
    output
        .then()
        .args(["build", "-q", "xfs/m", "--tar"])
        .args(["-o", "xfs/tar", "-o", "xfs/tar.tar"])
        .run();

    let both = (2 * SIZE - (1 << 20)) as u64;
    // All but what lies in blocks that hold something else too.
    let most = both - (1 << 20);
    for tar in ["raw.tar", "tar.tar"] {
        layout::check_tar(&dir.join(tar));
        let shared = shared(&dir.join(tar));
        assert!(shared >= most, "{tar} shares {shared} of {both} bytes");
    }
    for name in ["raw", "tar"] {
        let blobs: u64 = layout::check(&dir.join(name))
            .blobs
            .iter()
            .map(|digest| shared(&dir.join(name).join("blobs").join(digest.replace(':', "/"))))
            .sum();
        assert!(blobs >= most, "{name} shares {blobs} of {both} bytes");
    }
}

/// Where the whole blob is shared and the source was at rest, the source is hashed: the copy's bytes are in no cache.
#[test]
fn a_file_at_rest_is_shared_and_hashed_where_it_is() {
    let test = Test::new();
    let Some(mounted) = xfs(&test.dir().join("xfs")) else {
        return;
    };
    let _mounted = (mounted, test.keep());
    let weights: Vec<u8> = (0..SIZE).map(|at| ((at * at) >> 7).to_le_bytes()[0]).collect();
    let test = test
        .file("xfs/m/Modelfile", "NAME m\nMODEL *.gguf\n")
        .file("xfs/m/a.gguf", &weights);
    let stored = |output: &crate::harness::Output| {
        let layout = output.dir().join("xfs/out");
        let blob = layout.join("blobs").join(sha256(&weights).replace(':', "/"));
        layout::check(&layout);
        shared(&blob)
    };
    // Written a moment ago, so that the copy is hashed.
    let first = test.args(["build", "-q", "xfs/m", "-o", "xfs/out"]).run();
    assert!(stored(&first) >= (SIZE - (1 << 20)) as u64);
    // Two seconds later it counts as at rest.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    fs_err::remove_dir_all(first.dir().join("xfs/out")).unwrap();
    let second = first.then().args(["build", "-q", "xfs/m", "-o", "xfs/out"]).run();
    assert!(stored(&second) >= (SIZE - (1 << 20)) as u64);
    assert_eq!(first.text(), second.text());
}
