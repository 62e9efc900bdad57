//! The page is not written over what it is about.

use super::*;
use crate::harness::snapshot;

#[test]
fn the_page_takes_no_part_of_the_artifact_s_place() {
    let built = Test::new()
        .file("m/Modelfile", MODELFILE)
        .file("m/m.gguf", "weights")
        .file("m/README.md", "readme")
        .args(["build", "m", "-q", "-o", "layout", "-o", "model.tar", "-t", "tiny:v1"])
        .run();
    let test = built
        .then()
        .symlink("model.tar", "link")
        .symlink("layout/blobs", "blobs");
    let dir = test.dir();
    let blob = format!("layout/blobs/sha256/{}", &sha256(b"weights")[7..]);
    let through = blob.replace("layout/", "");
    for (from, to) in [("model.tar", "hard.tar"), (blob.as_str(), "hard.gguf")] {
        fs_err::hard_link(dir.join(from), dir.join(to)).unwrap();
    }
    fs_err::create_dir(dir.join("split")).unwrap();
    for name in ["index.json", "oci-layout"] {
        fs_err::copy(dir.join("layout").join(name), dir.join("split").join(name)).unwrap();
    }
    let mut test = test.symlink("../layout/blobs", "split/blobs");
    let before = snapshot(&dir);
    let absolute = dir.join("model.tar").display().to_string();
    for (reference, file, how) in [
        ("model.tar", "model.tar", "over `model.tar`"),
        ("model.tar", "./layout/../model.tar", "over `model.tar`"),
        ("model.tar", absolute.as_str(), "over `model.tar`"),
        ("model.tar", "link", "over `model.tar`"),
        ("oci-archive:link:v1", "model.tar", "over `link`"),
        ("model.tar", "hard.tar", "over `model.tar`"),
        ("layout", "layout/index.json", "into `layout`"),
        ("layout", "layout/page.html", "into `layout`"),
        ("oci:layout:v1", blob.as_str(), "into `layout`"),
        ("layout", through.as_str(), "into `layout`"),
        ("layout", "hard.gguf", "into `layout`"),
        ("split", blob.as_str(), "into `split`"),
    ] {
        let output = test
            .args(["inspect", reference, "--html", file])
            .status(2)
            .stdout("")
            .run();
        let message = format!("`{file}` would be written {how}, which is read");
        assert_eq!(
            output.stderr,
            format!("error: {message}\n  = help: choose another place\n")
        );
        assert_eq!(snapshot(&dir), before);
        test = output.then();
    }
    test.args(["inspect", "layout", "--html", "page.html"]).run();
}
