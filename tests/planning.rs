//! `plan` and `--explain`: what a build would do and why, said without doing it.

use snapbox::str;

use crate::cache::{files, model};
use crate::harness::{Output, Test};
use crate::servers::registry::{Options, Registry};
use crate::watch::Watch;

/// The same run again with more arguments, in the same directory.
fn again(before: &Output, args: &[&str]) -> Test {
    before.then().cached().args(args)
}

const BUILD: [&str; 4] = ["build", "m", "-o", "out"];
const PLAN: [&str; 4] = ["plan", "m", "-o", "out"];

#[test]
fn a_plan_reads_no_content_and_writes_nothing() {
    let test = model();
    let watch = Watch::new([test.dir()]);
    let output = test
        .args(PLAN)
        .stdout(str![[r#"
KIND          SIZE  DIGEST               TO DO       MEDIA TYPE                       PATH
weight         8 B  ?                    hash, copy  cncf.model.weight.v1.raw         m.gguf
config         3 B  ?                    hash, copy  cncf.model.weight.config.v1.raw  config.json
doc            7 B  ?                    hash, copy  cncf.model.doc.v1.raw            README.md
would read 18 B of 18 B
would write at most 18 B to `out`
would upload nothing
the digest is not known before the files are read

"#]])
        .stderr("")
        .run();
    assert_eq!(
        watch
            .opened()
            .intersection(&files(["m.gguf", "config.json", "README.md"]))
            .count(),
        0
    );
    assert_eq!(watch.changed(), files([]));
    assert!(!output.dir().join("out").exists());
}

#[test]
fn a_plan_knows_what_was_built() {
    let built = model().args(BUILD).run();
    let planned = again(&built, &PLAN)
        .stdout(str![[r#"
KIND          SIZE  DIGEST               TO DO       MEDIA TYPE                       PATH
weight         8 B  sha256:1b465fa6b6bc  nothing     cncf.model.weight.v1.raw         m.gguf
config         3 B  sha256:ca3d163bab05  nothing     cncf.model.weight.config.v1.raw  config.json
doc            7 B  sha256:da0f266deed7  nothing     cncf.model.doc.v1.raw            README.md
would read 0 B of 18 B
would write 0 B to `out`
would upload nothing
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  (plan, nothing read or written)

"#]])
        .run();
    let quiet = again(&planned, &PLAN).args(["-q"]).run();
    assert!(built.text().starts_with(quiet.text().trim()), "{}", quiet.text());
    again(&built, &["plan", "m", "-o", "out", "-o", "new", "-o", "-"])
        .stdout(str![[r#"
KIND          SIZE  DIGEST               TO DO       MEDIA TYPE                       PATH
weight         8 B  sha256:1b465fa6b6bc  copy        cncf.model.weight.v1.raw         m.gguf
config         3 B  sha256:ca3d163bab05  copy        cncf.model.weight.config.v1.raw  config.json
doc            7 B  sha256:da0f266deed7  copy        cncf.model.doc.v1.raw            README.md
would read 18 B of 18 B
would write 0 B to `out`
would write 18 B to `new`
would write 18 B to standard output
would upload nothing
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  (plan, nothing read or written)

"#]])
        .run();
}

#[test]
fn a_tarball_that_is_what_it_would_be_is_left_alone() {
    let args = ["m", "-o", "out.tar"];
    let built = model().args(["build"]).args(args).run();
    again(&built, &["plan"])
        .args(args)
        .stdout(str![[r#"
KIND          SIZE  DIGEST               TO DO       MEDIA TYPE                       PATH
weight         8 B  sha256:1b465fa6b6bc  nothing     cncf.model.weight.v1.raw         m.gguf
config         3 B  sha256:ca3d163bab05  nothing     cncf.model.weight.config.v1.raw  config.json
doc            7 B  sha256:da0f266deed7  nothing     cncf.model.doc.v1.raw            README.md
would read 0 B of 18 B
would write 0 B to `out.tar`
would upload nothing
sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6  (plan, nothing read or written)

"#]])
        .run();
}

#[test]
fn one_file_changed() {
    let built = model().args(BUILD).run();
    let planned = again(&built, &PLAN)
        .file("m/config.json", "{\"a\":1}\n")
        .args(["--explain"]);
    planned
        .stdout(str![[r#"
KIND          SIZE  DIGEST               TO DO       MEDIA TYPE                       PATH
weight         8 B  sha256:1b465fa6b6bc  nothing     cncf.model.weight.v1.raw         m.gguf
config         8 B  ?                    hash, copy  cncf.model.weight.config.v1.raw  config.json
doc            7 B  sha256:da0f266deed7  nothing     cncf.model.doc.v1.raw            README.md
the artifact is not what it was:
  1 layer is new or changed
  weight     m.gguf: unchanged, cached, hashed [..] as `[DIR]/m/m.gguf`
  config     config.json: size 3 B → 8 B, read
  doc        README.md: unchanged, cached, hashed [..] as `[DIR]/m/README.md`
would read 8 B of 23 B
would write at most 8 B to `out`
would upload nothing
the digest is not known before the files are read

"#]])
        .run();
}

#[test]
fn the_json_document_is_whole() {
    let built = model().args(BUILD).run();
    again(&built, &PLAN)
        .file("m/README.md", "# tinier\n")
        .args(["--format", "json"])
        .stdout(str![[r#"
{
  "digest": null,
  "layers": [
    {
      "digest": "sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0",
      "kind": "weight",
      "known": {
        "as": "[DIR]/m/m.gguf",
        "from": "cache",
        "hashed": "[..]"
      },
      "mediaType": "application/vnd.cncf.model.weight.v1.raw",
      "path": "m.gguf",
      "read": false,
      "size": 8,
      "write": false
    },
    {
      "digest": "sha256:ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356",
      "kind": "config",
      "known": {
        "as": "[DIR]/m/config.json",
        "from": "cache",
        "hashed": "[..]"
      },
      "mediaType": "application/vnd.cncf.model.weight.config.v1.raw",
      "path": "config.json",
      "read": false,
      "size": 3,
      "write": false
    },
    {
      "digest": null,
      "kind": "doc",
      "known": {
        "from": "read"
      },
      "mediaType": "application/vnd.cncf.model.doc.v1.raw",
      "path": "README.md",
      "read": true,
      "size": 9,
      "write": true
    }
  ],
  "name": "tiny",
  "outputs": [
    {
      "bytes": 9,
      "missing": 0,
      "path": "out",
      "reference": null,
      "type": "layout",
      "unknown": 1
    }
  ],
  "read": 9,
  "spec": "modelpack",
  "upload": 0,
  "version": 1,
  "warnings": []
}

"#]])
        .run();
}

#[test]
fn the_json_document_says_why() {
    let built = model().args(BUILD).run();
    let planned = again(&built, &PLAN)
        .file("m/README.md", "# tinier\n")
        .args(["--explain", "--format", "json"])
        .run();
    let result: serde_json::Value = serde_json::from_slice(&planned.stdout).unwrap();
    snapbox::assert_data_eq!(
        result["why"]["artifact"].to_string(),
        str![[r#"[{"count":1,"reason":"layers"}]"#]]
    );
    snapbox::assert_data_eq!(
        result["why"]["layers"][2].to_string(),
        str![[r#"{"changes":[{"change":"size","from":7,"to":9}],"digest":{"from":"read"},"path":"README.md"}"#]]
    );
}

#[test]
fn a_build_explains_itself() {
    let explain = ["build", "m", "-o", "out", "--explain"];
    let first = model()
        .args(explain)
        .stderr(str![[r#"
no earlier build of this Modelfile to this place is on record
  weight     m.gguf: read
  config     config.json: read
  doc        README.md: read
built `tiny` in [TIME]: 3 layers, 18 B; 3 written

"#]])
        .run();
    let second = again(&first, &explain)
        .stderr(str![[r#"
the artifact is what it was
  weight     m.gguf: unchanged, cached, hashed [..] as `[DIR]/m/m.gguf`
  config     config.json: unchanged, cached, hashed [..] as `[DIR]/m/config.json`
  doc        README.md: unchanged, cached, hashed [..] as `[DIR]/m/README.md`
`tiny` is up to date: 3 layers, 18 B

"#]])
        .run();
    // Other content of the same size, a new file, one that is gone, and a line and an option that are others.
    fs_err::remove_file(second.dir().join("m/README.md")).unwrap();
    let third = again(&second, &explain)
        .file("m/m.gguf", "WEIGHTS\n")
        .file("m/new.py", "print()\n")
        .file(
            "m/Modelfile",
            "# a comment is no reason\nNAME tiny\nFORMAT gguf\nMODEL m.gguf\nCODE config.json new.py\nVERSION 2\n",
        )
        .args(["--spec", "docker", "--annotation", "a.b=c"])
        .stderr(str![[r#"
note: left out of the artifact, because Docker's format has no place for it: `VERSION`
  = help: what readers need all the same can be an annotation, such as `ANNOTATION org.opencontainers.image.licenses Apache-2.0`
note: in `out` this takes the place of sha256:208656d4672aeb2429e6be8d1ee8db0baf971e35829cb42c5aec20bb9674eaf6, which had no tag
  = help: it is no longer listed, and the next `prune` removes what only it has; to keep several artifacts, give each a tag
the artifact is not what it was:
  Modelfile line 5: `CONFIG config.json` is now `CODE config.json new.py`
  Modelfile line 6: `DOC README.md` is now `VERSION 2`
  --annotation a.b: `c` is new
  --spec: `modelpack` is now `docker`
  3 layers are new or changed
  the layer `README.md` is gone
  weight     m.gguf: content changed, read
  code       config.json: config → code, Modelfile line 5 changed, cached, hashed [..] as `[DIR]/m/config.json`
  code       new.py: new, Modelfile line 5 changed, read
built `tiny` in [TIME]: 3 layers, 19 B; 2 written, 1 there already

"#]])
        .run();
    // Touched only.
    let file = fs_err::File::options()
        .write(true)
        .open(third.dir().join("m/new.py"))
        .unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    again(&third, &explain)
        .args(["--spec", "docker", "--annotation", "a.b=c"])
        .stderr(str![[r#"
note: left out of the artifact, because Docker's format has no place for it: `VERSION`
  = help: what readers need all the same can be an annotation, such as `ANNOTATION org.opencontainers.image.licenses Apache-2.0`
the artifact is what it was
  weight     m.gguf: unchanged, not in the cache: read
  code       config.json: unchanged, cached, hashed [..] as `[DIR]/m/config.json`
  code       new.py: touched, content unchanged, read
`tiny` is up to date: 3 layers, 19 B

"#]])
        .run();
}

#[test]
fn json_explains_too() {
    let args = ["build", "m", "-o", "out", "--explain", "--format", "json"];
    let built = model().args(args).run();
    let result: serde_json::Value = serde_json::from_slice(&built.stdout).unwrap();
    snapbox::assert_data_eq!(
        result["why"].to_string(),
        str![[
            r#"{"artifact":[{"reason":"first"}],"layers":[{"changes":[],"digest":{"from":"read"},"path":"m.gguf"},{"changes":[],"digest":{"from":"read"},"path":"config.json"},{"changes":[],"digest":{"from":"read"},"path":"README.md"}]}"#
        ]]
    );
    let built = again(&built, &args)
        .file(
            "m/Modelfile",
            "NAME tiny\nFORMAT gguf\nMODEL m.gguf\nDOC config.json README.md\n",
        )
        .run();
    let result: serde_json::Value = serde_json::from_slice(&built.stdout).unwrap();
    snapbox::assert_data_eq!(
        result["why"]["layers"][2]["changes"].to_string(),
        str![[r#"[{"change":"kind","from":"config","to":"doc"},{"change":"modelfile","line":4}]"#]]
    );
    // Without it there is no such member.
    let built = again(&built, &["build", "m", "-o", "out", "--format", "json"]).run();
    let result: serde_json::Value = serde_json::from_slice(&built.stdout).unwrap();
    assert!(result.get("why").is_none());
}

#[test]
fn without_a_cache_nothing_is_on_record() {
    let args = ["build", "m", "-o", "out", "--explain", "--no-cache"];
    let first = model().args(args).run();
    again(&first, &args)
        .stderr(str![[r#"
no earlier build of this Modelfile to this place is on record
  weight     m.gguf: read
  config     config.json: read
  doc        README.md: read
`tiny` is up to date: 3 layers, 18 B

"#]])
        .run();
    assert!(!first.dir().join(crate::cache::CACHE).join("builds-1").exists());
}

/// A record that somebody spoilt explains nothing, and harms nothing.
#[test]
fn a_damaged_record_is_none() {
    let explain = ["build", "m", "-o", "out", "--explain"];
    let first = model().args(explain).run();
    let records = first.dir().join(crate::cache::CACHE).join("builds-1");
    let entries: Vec<_> = fs_err::read_dir(&records)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(entries.len(), 1);
    let mut bytes = fs_err::read(&entries[0]).unwrap();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    fs_err::write(&entries[0], bytes).unwrap();
    again(&first, &explain)
        .stderr(str![[r#"
no earlier build of this Modelfile to this place is on record
  weight     m.gguf: cached, hashed [..] as `[DIR]/m/m.gguf`
  config     config.json: cached, hashed [..] as `[DIR]/m/config.json`
  doc        README.md: cached, hashed [..] as `[DIR]/m/README.md`
`tiny` is up to date: 3 layers, 18 B

"#]])
        .run();
}

/// Blobs are looked for by name, and nothing is sent.
#[test]
fn a_registry_would_get_what_it_lacks() {
    let registry = Registry::start(Options::default());
    let to = format!("docker://{}/tiny:v1", registry.address());
    let args = ["plan", "m", "-o", to.as_str()];
    let planned = model().args(args).cached().run();
    let last = |planned: &Output| {
        let lines: Vec<String> = planned.text().lines().rev().take(2).map(str::to_owned).collect();
        lines.join("\n").replace(&registry.address(), "[REGISTRY]")
    };
    assert_eq!(
        last(&planned),
        "the digest is not known before the files are read\nwould upload at most 18 B to `[REGISTRY]/tiny:v1`"
    );
    let built = planned.then().args(["m", "-o", to.as_str()]).cached().run();
    let digest = built.text().split_once(' ').unwrap().0.to_owned();
    registry.record.clear();
    let again = built.then().args(args).cached().run();
    assert_eq!(
        last(&again),
        format!("{digest}  (plan, nothing read or written)\nwould upload 0 B to `[REGISTRY]/tiny:v1`")
    );
    assert!(registry.record.lines().lines().all(|line| line.starts_with("HEAD ")));
}
