//! Artifacts that others made: layers without a name, with one name twice, of types that nobody knows.

use serde_json::{Value, json};
use snapbox::str;

use crate::foreign::{annotated, layout};
use crate::harness::Test;

const CONFIG: &str = "application/vnd.cncf.model.config.v1+json";
const WEIGHT: &str = "application/vnd.cncf.model.weight.v1.raw";
const CODE: &str = "application/vnd.cncf.model.code.v1.raw";

/// Two layouts, `old` and `new`, whose configs state nothing but a name.
fn layouts(old: &[(&str, &str, &str)], new: &[(&str, &str, &str)]) -> Test {
    let test = Test::new();
    let config = |_: &[String]| r#"{"descriptor":{"name":"x"}}"#.to_owned();
    layout(&test, "old", CONFIG, config, old);
    layout(&test, "new", CONFIG, config, new);
    test.args(["diff", "old", "new"]).stderr("")
}

#[test]
fn of_two_layers_with_one_path_the_same_blobs_belong_together() {
    let old = [(WEIGHT, "w", "one"), (WEIGHT, "w", "two"), (WEIGHT, "w", "three")];
    let new = [(WEIGHT, "w", "two"), (WEIGHT, "w", "three"), (WEIGHT, "w", "four")];
    layouts(&old, &new)
        .stdout(str![[r#"
old  sha256:ea2bbef9a7acb4ab22e8300d2168558887c74cf780f9bbbd613615c9949dc885  old
new  sha256:0fa95b14f2b3465dc87d6022da91963ffa281fb17599b22736773f6fe683d5dc  new
  weight     w: size 3 B → 4 B, place 1 → 3
2 layers the same, 1 changed: size 11 B → 12 B, 4 B of it new

"#]])
        .run();
    layouts(&old, &old[..2])
        .stdout(str![[r#"
old  sha256:ea2bbef9a7acb4ab22e8300d2168558887c74cf780f9bbbd613615c9949dc885  old
new  sha256:4a4df3df70b59cbd9024f4e58f83f6ca25d3d5412bc394c794c5400478c06338  new
  weight     w: gone, 5 B
2 layers the same, 1 removed: size 11 B → 6 B

"#]])
        .run();
}

#[test]
fn layers_without_a_name_go_by_blob_and_then_by_type() {
    let old = [
        (WEIGHT, "", "one"),
        (WEIGHT, "", "two"),
        (CODE, "", "code"),
        (CODE, "named", "x"),
    ];
    let new = [
        (WEIGHT, "", "two"),
        (WEIGHT, "", "3"),
        (CODE, "", "other"),
        (CODE, "", "x"),
    ];
    layouts(&old, &new)
        .stdout(str![[r#"
old  sha256:e2be0f3c221776031e0b29a6a9788f5844bc29a3b61372adf8a668d8019d904b  old
new  sha256:e706c0944e1e6fa89716e582a735893a0de7a46f4d877c837f22bbeea56971bd  new
  weight     sha256:3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3: place 2 → 1
  weight     sha256:4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce: size 3 B → 1 B
  code       sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa: size 4 B → 5 B
  code       sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881: renamed from `named`
0 layers the same, 4 changed: size 11 B → 10 B, 6 B of it new

"#]])
        .run();
}

#[test]
fn types_that_nobody_knows() {
    let old = [
        ("application/x.a", "a", "1"),
        ("application/x.a", "b", "1"),
        (WEIGHT, "c", "1"),
        ("application/x.a", "d", "12"),
    ];
    let new = [
        ("application/x.a", "a", "2"),
        ("application/x.b", "b", "1"),
        ("application/x.b", "c", "2"),
        (WEIGHT, "d", "12"),
    ];
    layouts(&old, &new).stdout(str![[r#"
old  sha256:92232d8bf0d1b12ce11e2ac0af29ca1c2dac8dce8f30e1e91d6ed2add59f613f  old
new  sha256:302cb186bc1ac6ac898741ac2998c0b7035d0f2d6f980723bd349540e5eef53c  new
  unknown    a: content changed
  unknown    b: media type `application/x.a` → `application/x.b`
  unknown    c: raw → unknown, media type `application/vnd.cncf.model.weight.v1.raw` → `application/x.b`, weight → unknown, content not compared
  weight     d: unknown → raw, media type `application/x.a` → `application/vnd.cncf.model.weight.v1.raw`, unknown → weight
0 layers the same, 4 changed: size 5 B, 1 B of it new

"#]]).run();
}

#[test]
fn empty_files_are_renamed_in_order() {
    let old = [(CODE, "a", ""), (CODE, "b", ""), (CODE, "c", "")];
    let new = [(CODE, "d", ""), (CODE, "e", "")];
    layouts(&old, &new)
        .stdout(str![[r#"
old  sha256:26b8a3dc298011989c9fa2df613e406fce1d82ad23240d5cf8139289729f600a  old
new  sha256:cd53d73771ed7a9d42989585431666b31dc3e86432b76b091db79ff2c76d2119  new
  code       d: renamed from `a`
  code       e: renamed from `b`
  code       c: gone, 0 B
0 layers the same, 2 changed, 1 removed: size 0 B

"#]])
        .run();
}

#[test]
fn compressed_layers_are_known_by_their_diff_ids() {
    let test = Test::new();
    let a = format!("sha256:{}", "a".repeat(64));
    let b = format!("sha256:{}", "b".repeat(64));
    let config = |ids: [&str; 3]| format!(r#"{{"descriptor":{{"name":"x"}},"modelfs":{{"diffIds":{ids:?}}}}}"#);
    let gzip = "application/vnd.cncf.model.code.v1.tar+gzip";
    let zstd = "application/vnd.cncf.model.code.v1.tar+zstd";
    let old = [(gzip, "same", "one"), (gzip, "other", "two"), (gzip, "zstd", "three")];
    let new = [(gzip, "same", "four"), (gzip, "other", "five"), (zstd, "zstd", "six")];
    layout(&test, "old", CONFIG, |_| config([&a, &a, &a]), &old);
    layout(&test, "new", CONFIG, |_| config([&a, &b, &a]), &new);
    test.args(["diff", "old", "new"])
        .stdout(str![[r#"
old  sha256:26e02aa44bcb204e36d75340655c374501ecc774d50d8c280c62d76f39e027f9  old
new  sha256:cffbe25d8eaa10a0c9ce4c8b3b1252068f46f9ea93750add337caa9bf25f668d  new
  code       same: compressed otherwise, same diff ID
  code       other: content or tar header changed
  code       zstd: tar+gzip → tar+zstd, compressed otherwise, same diff ID
0 layers the same, 3 changed: size 11 B, 11 B of it new

"#]])
        .stderr("")
        .run();
}

#[test]
fn bytes_that_mean_nothing() {
    let test = Test::new();
    let layers = [(WEIGHT, "w", "one")];
    layout(
        &test,
        "old",
        CONFIG,
        |_| r#"{"descriptor":{"name":"x"}}"#.to_owned(),
        &layers,
    );
    layout(
        &test,
        "new",
        CONFIG,
        |_| r#"{ "descriptor": {"name":"x"}}"#.to_owned(),
        &layers,
    );
    test.args(["diff", "old", "new", "--exit-code"])
        .status(1)
        .stdout(str![[r#"
old  sha256:3e5955a799bb225bcfd8e0292b7d8bfb12be282973b749c5dde10ed8e43ec7b9  old
new  sha256:706be1972e0bf3a12bd802abc10e7aa20d663124a450872b1c289629a02a8b8e  new
  manifest or config have other bytes, which make no difference that is known here
1 layer the same: size 3 B

"#]])
        .stderr("")
        .run();
}

#[test]
fn what_others_wrote_does_not_reach_the_terminal() {
    let old = [(WEIGHT, "a\u{1b}[2J", "one")];
    let new = [(WEIGHT, "b\u{202e}\n", "one")];
    layouts(&old, &new)
        .stdout(str![[r#"
old  sha256:a04c536eee63bea192d4b6a3743bf6453d7fe773e53726a1d62fff01b7aff854  old
new  sha256:2a1968cc060483c91cda0cca7e4948cb9a99dffa86abcb6260f47a8c6769730a  new
  weight     b\u{202e}\n: renamed from `a\u{1b}[2J`
0 layers the same, 1 changed: size 3 B

"#]])
        .run();
}

#[test]
fn layers_stand_in_another_order() {
    let old = [
        (CODE, "a", "1"),
        (CODE, "b", "2"),
        (CODE, "c", "3"),
        (CODE, "gone", "4"),
    ];
    let new = [(CODE, "c", "3"), (CODE, "new", "5"), (CODE, "a", "1"), (CODE, "b", "2")];
    layouts(&old, &new)
        .stdout(str![[r#"
old  sha256:519b6f6e2e5d0ea244f4ccccbe9112353275bc5c1056abbdc237ff96294d79e3  old
new  sha256:0f5bfaa84077a2e802895a6c3926d904b9b1426c275cd8e044ce4c2be37c71ae  new
  code       c: place 3 → 1
  code       new: new, 1 B
  code       gone: gone, 1 B
2 layers the same, 1 changed, 1 added, 1 removed: size 4 B, 1 B of it new

"#]])
        .run();
}

#[test]
fn what_is_said_of_a_file() {
    let test = Test::new();
    let config = |_: &[String]| r#"{"descriptor":{"name":"x"}}"#.to_owned();
    let write = |dir: &str, said: [Value; 4]| {
        let paths = ["mode", "owner", "text", "time"];
        let layers: Vec<_> = paths
            .into_iter()
            .zip(said)
            .map(|(path, said)| {
                let said = said.as_str().map_or_else(|| said.to_string(), str::to_owned);
                let annotations = json!({
                    "org.cncf.model.filepath": path,
                    "org.cncf.model.file.metadata+json": said,
                    "of.all": if path == "text" { dir } else { "same" },
                });
                (CODE, annotations, path)
            })
            .collect();
        annotated(&test, dir, CONFIG, config, &layers);
    };
    let time = "2026-01-31T12:00:00Z";
    write(
        "old",
        [
            json!({"name": "mode", "mode": 0o644}),
            json!({"name": "owner", "mode": 0o755, "uid": 0, "size": 5}),
            json!("no JSON"),
            json!({}),
        ],
    );
    write(
        "new",
        [
            json!({"name": "mode", "mode": 0o600}),
            json!({"name": "owner", "mode": 0o644, "uid": 7, "size": 6}),
            json!({}),
            json!({ "mtime": time }),
        ],
    );
    test.args(["diff", "old", "new"]).stdout(str![[r#"
old  sha256:a929c572b0b0716743f48b0f5b9562e13511014d5722a81d91729d6c9f7c9671  old
new  sha256:78724d54153e2324f1113715531764653a6ddbe8311a84284cda9f7638d85883  new
  code       mode: mode 0644 → 0600
  code       owner: not executable any more, annotation org.cncf.model.file.metadata+json: `{"size":5,"uid":0}` is now `{"size":6,"uid":7}`
  code       text: annotation of.all: `old` is now `new`
  code       time: time none → 2026-01-31T12:00:00Z
0 layers the same, 4 changed: size 17 B

"#]]).stderr("").run();
}
