//! `build --push` and `-o docker://…`: from the source files, without a copy on the disk.

use snapbox::str;

use super::{Line, SIZE, weights};
use crate::harness::{sha256, tree};
use crate::servers::registry::Options;
use crate::serving::noise;

#[test]
fn a_build_sends_what_it_reads_and_leaves_nothing_on_the_disk() {
    let line = Line::new(Options::default());
    let before = tree(&line.built.dir());
    let args = ["build", "model", "--push", "-t", &line.model(), "-j1"];
    let output = line.built.then().args(args).run();
    line.assert_said(
        &output,
        str![[r#"
note: the format of the model is not known
  = help: state it, such as `FORMAT gguf`: Docker Model Runner runs no model whose format it does not know
built `tiny` in [TIME]: 2 layers, 3.00 MB; 2 written

"#]],
    );
    line.assert_arrived();
    assert_eq!(tree(&line.built.dir()), before);
    // Nobody knows a digest before the end, and yet the bytes are on their way.
    assert_eq!(
        line.registry.record.count("PATCH"),
        1,
        "{}",
        line.registry.record.lines()
    );
    assert_eq!(line.sent(), SIZE);
}

#[test]
fn all_tags_are_pushed_and_an_output_beside_them_is_written() {
    let line = Line::new(Options::default());
    let host = line.proxy.address();
    let (one, two) = (format!("{host}/some/model:v1"), format!("{host}/some/model:v2"));
    let args = ["build", "model", "--push", "-t", &one, "-t", &two, "-o", "beside"];
    line.built.then().args(args).run();
    line.assert_arrived();
    assert_eq!(
        line.registry.tag("some/model", "v2").as_deref(),
        Some(line.built.text())
    );
    assert_eq!(line.sent_of(&weights()), (SIZE, 1));
    assert_eq!(
        tree(&line.built.dir().join("beside/blobs")),
        tree(&line.built.dir().join("layout/blobs"))
    );
}

/// Each has tags of its own.
#[test]
fn two_repositories_get_one_tag() {
    let line = Line::new(Options::default());
    let host = line.proxy.address();
    let names = ["some/model", "other/model"].map(|name| format!("{host}/{name}:v1"));
    let args = ["build", "model", "--push", "-t", &names[0], "-t", &names[1]];
    line.built.then().args(args).run();
    line.assert_arrived();
    assert_eq!(
        line.registry.tag("other/model", "v1").as_deref(),
        Some(line.built.text())
    );
    let beside = line.built.then().args(args).args(["-o", "beside"]).status(2).stdout("");
    line.assert_said(
        &beside.run(),
        str![[r#"
error: `[HOST]/some/model:v1` and `[HOST]/other/model:v1` have the same tag
  = help: in a layout or a tarball skopeo and oras look up the tag alone: choose another one, or build once for each name, to another place

"#]],
    );
}

#[test]
fn after_a_change_what_changed_is_sent() {
    let line = Line::new(Options::default());
    let to = format!("docker://{}", line.model());
    let build = || line.built.then().cached().args(["build", "model", "-o", &to]);
    build().run();
    line.forget();
    line.assert_said(
        &build().run(),
        str![[r#"
note: the format of the model is not known
  = help: state it, such as `FORMAT gguf`: Docker Model Runner runs no model whose format it does not know
`tiny` is up to date: 2 layers, 3.00 MB

"#]],
    );
    let record = &line.registry.record;
    assert_eq!(record.received(), 0, "{}", record.lines());

    line.forget();
    let changed = build().file("model/README.md", "# other\n");
    line.assert_said(
        &changed.run(),
        str![[r#"
note: the format of the model is not known
  = help: state it, such as `FORMAT gguf`: Docker Model Runner runs no model whose format it does not know
note: in `[HOST]/some/model` the tag `v1` was taken from sha256:464975f485fbeb7bfbdbc3d72e2bc75a448f99170bd059b646830d22bb06f5b9
  = help: its blobs stay; to keep its name too, give this one another tag
built `tiny` in [TIME]: 2 layers, 3.00 MB; 1 written (8 B), 1 there already

"#]],
    );
    assert_eq!(line.sent(), 0, "{}", record.lines());
    assert_eq!(line.sent_of(b"# other\n"), (8, 1));
    assert!(line.registry.has_blob("some/model", &sha256(&noise(3_000_000))));
}

/// Nobody knows that they are equal before both were read.
#[test]
fn of_two_equal_files_one_is_sent() {
    let line = Line::new(Options::default());
    let same = noise(500_000);
    let test = line.built.then().file("twice/Modelfile", "NAME twice\nMODEL *.bin\n");
    let test = test.file("twice/a.bin", &same).file("twice/b.bin", &same);
    test.args(["build", "twice", "-q", "--push", "-t", &line.model()]).run();
    assert_eq!(line.sent_of(&same), (500_000, 1));
}

/// It is hashed first, for the registry may have it, and then sent after all.
#[test]
fn a_change_that_keeps_the_size_is_sent() {
    let line = Line::new(Options::default());
    let to = format!("docker://{}", line.model());
    let build = || line.built.then().cached().args(["build", "model", "-q", "-o", &to]);
    build().run();
    line.forget();
    let mut changed = noise(3_000_000);
    changed[7] ^= 1;
    let output = build().file("model/weights.bin", &changed).run();
    assert_eq!(line.sent_of(&changed), (SIZE, 1));
    assert_eq!(line.registry.tag("some/model", "v1").as_deref(), Some(output.text()));
}

/// It is to be replaced: what it was is no matter.
#[test]
fn what_was_under_the_tag_before_is_in_nobody_s_way() {
    for (fault, spoils) in [("", true), ("digest=sha256:0", false), ("status=406", false)] {
        let line = Line::new(Options::default());
        line.push().run();
        let old = line.registry.tag("some/model", "v1").unwrap();
        if spoils {
            fs_err::write(line.registry.content(&old), "[1, 2]").unwrap();
        } else {
            line.spoil(&[&format!("GET */manifests/* always {fault}")]);
        }
        let test = line.built.then().file("model/more.bin", crate::serving::noise(400_000));
        let built = test.args(["build", "model", "-q", "--push", "-t", &line.model()]).run();
        assert_eq!(line.registry.tag("some/model", "v1").as_deref(), Some(built.text()));
    }
}
