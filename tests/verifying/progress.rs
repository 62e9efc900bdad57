//! What a machine is told while places are verified.

use snapbox::{assert_data_eq, str};

use super::{built, verify};
use crate::harness::Output;
use crate::telling::events;

/// The last events that are no file's.
fn told(output: &Output) -> String {
    events(&output.stderr, "HOST", "")
}

#[test]
fn the_end_is_said_where_all_is_well() {
    let output = built();
    let output = verify(&output).args(["--progress", "json"]).run();
    assert_data_eq!(
        told(&output),
        str![[r#"
{"blobs":3,"bytes":18,"event":"begin"}
{"digest":null,"event":"done","seconds":"[TIME]","upToDate":true}

"#]]
    );
    let output = output.then().args(["copy", "-q", "out", "whole"]).run();
    let output = verify(&output)
        .args(["whole", "--progress", "json", "--format", "json"])
        .run();
    assert_data_eq!(
        told(&output),
        str![[r#"
{"blobs":3,"bytes":18,"event":"begin"}
{"blobs":3,"bytes":18,"event":"begin"}
{"digest":null,"event":"done","seconds":"[TIME]","upToDate":true}

"#]]
    );
    verify(&output).args(["-q", "--progress", "json"]).stderr("").run();
}

#[test]
fn what_was_repaired_was_not_up_to_date_and_what_is_not_sound_has_no_end() {
    let output = built().then().args(["copy", "-q", "oci:out:v1", "whole"]).run();
    let blob = crate::tiny::manifest(&output.dir().join("out"))["layers"][0].clone();
    fs_err::write(crate::tiny::blob(&output.dir().join("out"), &blob), "WEIGHTS\n").unwrap();
    let output = verify(&output).args(["--progress", "json"]).status(4).run();
    assert_data_eq!(
        told(&output),
        str![[r#"
{"blobs":3,"bytes":18,"event":"begin"}

"#]]
    );
    let output = verify(&output).args(["--repair", "whole", "--progress", "json"]).run();
    assert_data_eq!(
        told(&output),
        str![[r#"
{"blobs":3,"bytes":18,"event":"begin"}
{"blobs":1,"bytes":8,"event":"begin"}
{"blobs":1,"bytes":8,"event":"begin"}
{"digest":null,"event":"done","seconds":"[TIME]","upToDate":false}

"#]]
    );
}
