//! What people are shown of the annotation that leads back: not all of it.

use snapbox::str;

use super::*;

#[test]
fn a_person_sees_which_artifact_was_converted_and_a_program_all_of_it() {
    let output = built(SHAPES[0], "modelpack");
    let converted = convert(&output, "docker", &["oci:l:v1", "-t", "docker"]);
    let manifest = document(&output.dir().join("l"), &converted);
    let whole = manifest["annotations"][KEY].as_str().unwrap();
    let ends = ["oci:l:v1", "oci:l:docker"];
    let diff = output.then().args(["diff"]).args(ends);
    diff.stdout(str![[r#"
old  sha256:edbfaaceaa51196a728c2a86fdf3db3502d05d8a166907207889f41b56c2bb87  oci:l:v1
new  sha256:2693af48b8140e0adab95ccc9d2f807f2a5a9461c4423c5a774164563bae9c62  oci:l:docker
  format of the artifact: `modelpack` is now `docker`
  annotation org.modelbuild.converted-from: `the artifact sha256:edbfaaceaa51196a728c2a86fdf3db3502d05d8a166907207889f41b56c2bb87, kept in 530 B` is new
  not compared, only one of the two formats has them: name
1 layer the same: size 6 B

"#]]).run();
    let diff = output.then().args(["diff", "--format", "json"]).args(ends).run();
    let diff: Value = serde_json::from_slice(&diff.stdout).unwrap();
    let said = diff["artifact"].as_array().unwrap().iter();
    let said: Vec<_> = said.filter(|difference| difference["name"] == KEY).collect();
    assert_eq!(
        said,
        [&json!({"reason": "annotation", "name": KEY, "from": null, "to": whole})]
    );

    let page = output.then().args(["inspect", "oci:l:docker", "--html", "-"]).run();
    let page = page.text();
    let (_, rest) = page.split_once("<h3>Annotations</h3>\n").unwrap();
    let (annotations, _) = rest.split_once("</section>").unwrap();
    assert_same_text(
        annotations.to_owned(),
        str![[r#"
<dl>
<dt>org.modelbuild.converted-from</dt><dd>the artifact sha256:edbfaaceaa51196a728c2a86fdf3db3502d05d8a166907207889f41b56c2bb87, kept in 530 B</dd>
</dl>

"#]],
    );
    assert!(!page.contains("layerTypes"));
    let shown = output
        .then()
        .args(["inspect", "oci:l:docker", "--format", "json"])
        .run();
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    assert_eq!(shown["annotations"][KEY], whole);
}

/// Nobody but us writes it, but anybody can.
#[test]
fn what_is_no_such_annotation_is_not_shown_either() {
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.docker.ai.model.config.v0.2+json", "digest": sha256(b"{}"), "size": 2},
        "layers": [{"mediaType": "application/vnd.docker.ai.model.file", "digest": sha256(b"x"), "size": 1,
            "annotations": {"org.cncf.model.filepath": "x.bin"}}],
        "annotations": {KEY: "<script>"},
    });
    let mut other = manifest.clone();
    other["annotations"] = json!({});
    let test = put(put(Test::new(), "odd", &manifest), "even", &other);
    test.args(["diff", "odd", "even"])
        .stdout(str![[r#"
old  sha256:1927f4220dcd7ffc684a08950903955fa1ba12a175abdbd45a0be0a53bb9f7de  odd
new  sha256:41a7c843a4b9b853f3a8103ed7ecaebc6a34d0b92d8866f4a3aaf7d64b9a2f93  even
  annotation org.modelbuild.converted-from: `8 B that cannot be read` is gone
1 layer the same: size 1 B

"#]])
        .run();
}
