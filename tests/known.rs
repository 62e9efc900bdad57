//! `--trust`: digests that others have written down are taken instead of reading the files, and are checked where the
//! files are copied.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, SystemTime};

use snapbox::str;

use crate::harness::{Output, Test, sha256};
use crate::oracle::oracle;
use crate::watch::Watch;

mod lfs;

/// The SHA-256 of `weights\n`.
const WEIGHTS: &str = "1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0";
/// The SHA-256 of something else.
const WRONG: &str = "1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f1";

/// A model in `m`, with a directory in it.
fn model() -> Test {
    Test::new()
        .file("m/Modelfile", "NAME tiny\nFORMAT gguf\nMODEL model.gguf\nCONFIG sub\n")
        .file("m/model.gguf", "weights\n")
        .file("m/sub/config.json", "{}\n")
}

fn dry_run(test: Test, trust: &str) -> Output {
    test.args(["build", "m", "--dry-run", "--trust", trust]).run()
}

/// The files of the model that a dry run opens.
fn opened(test: Test, trust: &str) -> BTreeSet<String> {
    let watch = Watch::new([test.dir().join("m")]);
    let output = dry_run(test, trust);
    let opened = watch.opened();
    // Whoever was believed, it was the truth.
    assert!(output.text().contains(WEIGHTS), "{}", output.text());
    let model = ["model.gguf", "config.json"];
    opened
        .into_iter()
        .filter(|name| model.contains(&name.as_str()))
        .collect()
}

fn files<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.map(str::to_owned).into()
}

#[test]
fn nobody_is_trusted_unless_that_is_said() {
    let test = model().file("m/SHA256SUMS", format!("{WRONG}  model.gguf\n"));
    test.args(["build", "m", "-q", "-o", "out"]).run();
}

#[test]
fn a_file_whose_checksum_is_written_down_is_not_read() {
    for name in [
        "SHA256SUMS",
        "sha256sum.txt",
        "SHA256SUMS.txt",
        "model.gguf.sha256",
        "all.sha256",
    ] {
        let line = format!("{WEIGHTS}  model.gguf\n");
        assert_eq!(
            opened(model().file(format!("m/{name}"), &line), "sums"),
            files(["config.json"]),
            "{name}"
        );
    }
    let bsd = format!(
        "SHA256 (model.gguf) = {WEIGHTS}\nSHA256 (sub/config.json) = {}\n",
        &sha256(b"{}\n")[7..]
    );
    assert_eq!(opened(model().file("m/SHA256SUMS", bsd), "sums"), files([]));
    let alone = format!("{WEIGHTS}\n");
    assert_eq!(
        opened(model().file("m/model.gguf.sha256", alone), "sums"),
        files(["config.json"])
    );
    // Each directory's own list, too; and other names are no lists.
    let test = model()
        .file("m/sub/SHA256SUMS", format!("{}  config.json\n", &sha256(b"{}\n")[7..]))
        .file("m/MD5SUMS", format!("{WRONG}  model.gguf\n"));
    assert_eq!(opened(test, "sums"), files(["model.gguf"]));
    let above = model().file("SHA256SUMS", format!("{WRONG}  m/model.gguf\n"));
    assert_eq!(opened(above, "sums").len(), 2);
}

#[test]
fn several_can_be_trusted_by_option_and_by_environment() {
    let test = || model().file("m/model.sig", include_str!("known/model.sig"));
    assert_eq!(opened(test(), "sums,oms,hf"), files([]));
    let watch_and = |test: Test| {
        let watch = Watch::new([test.dir().join("m")]);
        test.run();
        watch.opened().contains("model.gguf")
    };
    let args = ["build", "m", "--dry-run"];
    assert!(watch_and(test().args(args)));
    assert!(!watch_and(test().args(args).env("MODELBUILD_TRUST", "oms,sums")));
    assert!(!watch_and(
        test().args(args).args(["--trust", "sums", "--trust", "oms"])
    ));
}

/// Made by `model_signing sign key` 1.1.1 over these files and one more.
#[test]
fn the_list_of_a_signature_is_taken_and_that_is_said() {
    let test = model().file("m/model.sig", include_str!("known/model.sig"));
    let watch = Watch::new([test.dir().join("m")]);
    test.args(["build", "m", "--dry-run", "--trust", "oms"])
        .stderr(str![[r#"
note: the signature `m/model.sig` was not verified
hashed `tiny` in [TIME]: 2 layers, 11 B

"#]])
        .run();
    assert_eq!(watch.opened(), files(["Modelfile", "model.sig"]));
}

#[test]
fn what_is_no_signature_is_an_error() {
    let signature = include_str!("known/model.sig");
    let payload = |text: &str| {
        let bundle: serde_json::Value = serde_json::from_str(signature).unwrap();
        let payload = bundle["dsseEnvelope"]["payload"].as_str().unwrap();
        signature.replace(payload, text)
    };
    for text in [
        String::new(),
        "{}".to_owned(),
        signature[..1000].to_owned(),
        signature.replace("in-toto+json", "other"),
        payload("!"),
        payload("e30="),
    ] {
        let output = model()
            .file("m/model.sig", text)
            .args(["build", "m", "--dry-run", "--trust", "oms"])
            .status(3)
            .run();
        let begin = "error: `m/model.sig` is no OpenSSF model signature: ";
        assert!(output.stderr.starts_with(begin), "{}", output.stderr);
    }
}

/// The three lines that `huggingface_hub` writes (`_local_folder.write_download_metadata`).
fn note(tag: &str, time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs_f64();
    format!("{}\n{tag}\n{seconds}\n", "a".repeat(40))
}

#[test]
fn what_was_downloaded_from_the_hub_is_not_read() {
    const NOTE: &str = ".cache/huggingface/download/model.gguf.metadata";
    let now = SystemTime::now();
    let read = |place: &str, note: &str| {
        let test = model().file(format!("m/{place}"), note);
        opened(test, "hf").contains("model.gguf")
    };
    assert!(!read(NOTE, &note(WEIGHTS, now + Duration::from_secs(5))));
    // git's hash of a small file.
    assert!(read(NOTE, &note(&"b".repeat(40), now + Duration::from_secs(5))));
    // The file changed since.
    assert!(read(NOTE, &note(WRONG, now - Duration::from_mins(1))));
    for broken in [
        "",
        "\n\n\n",
        &format!("a\n{WRONG}\n"),
        &format!("a\n{WRONG}\nnan\n"),
        &format!("a\n{WRONG}\ninf\n"),
    ] {
        assert!(read(NOTE, broken), "{broken:?}");
    }
    // A directory of the context that was downloaded into.
    let config = note(&sha256(b"{}\n")[7..], now + Duration::from_secs(5));
    let test = model().file("m/sub/.cache/huggingface/download/config.json.metadata", config);
    assert_eq!(opened(test, "hf"), files(["model.gguf"]));
    let nested = ".cache/huggingface/download/sub/config.json.metadata";
    let config = note(&sha256(b"{}\n")[7..], now + Duration::from_secs(5));
    assert_eq!(
        opened(model().file(format!("m/{nested}"), config), "hf"),
        files(["model.gguf"])
    );
}

#[test]
fn a_wrong_digest_is_told_with_its_place() {
    let test = || model().file("m/SHA256SUMS", format!("# of the model\n{WRONG}  model.gguf\n"));
    for outputs in [
        &["-o", "out"][..],
        &["-o", "out.tar"],
        &["-o", "-"],
        &["-o", "out", "--link", "hard"],
    ] {
        let output = test()
            .args(["build", "m", "--trust", "sums"])
            .args(outputs)
            .status(4)
            .stderr(str![[r#"
error: `model.gguf` has the digest sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0, but line 2 of `m/SHA256SUMS` says sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f1
  = help: nothing was published; get the file again if it is damaged, or build without that `--trust`

"#]])
            .run();
        assert!(!output.dir().join("out").exists() && !output.dir().join("out.tar").exists());
    }
    // Nobody reads it here.
    assert!(dry_run(test(), "sums").text().contains(WRONG));
    // A tar around it has a digest that nobody wrote down.
    test()
        .args(["build", "m", "-q", "--tar", "--trust", "sums", "-o", "out"])
        .run();
}

#[test]
fn places_that_contradict_each_other_are_an_error() {
    let test = model()
        .file("m/SHA256SUMS", format!("{WEIGHTS}  model.gguf\n"))
        .file("m/model.gguf.sha256", format!("{WRONG}\n"));
    test.args(["build", "m", "--dry-run", "--trust", "sums"])
        .status(4)
        .stderr(str![[r#"
error: `model.gguf` has two digests: sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f0 by line 1 of `m/SHA256SUMS`, sha256:1b465fa6b6bcbc06a3199e3d2d8aec35d37494a712f888b6d5536684dd89d0f1 by line 1 of `m/model.gguf.sha256`
  = help: find out which one is right, or leave out one kind of `--trust`

"#]])
        .run();
}

#[test]
fn what_the_cache_knows_is_compared() {
    let test = model();
    std::thread::sleep(Duration::from_millis(2100));
    let args = ["build", "m", "--dry-run", "--trust", "sums"];
    let first = test.cached().args(args).run();
    let right = first.then().file("m/SHA256SUMS", format!("{WEIGHTS}  model.gguf\n"));
    right.cached().args(args).run();
    let wrong = first.then().file("m/SHA256SUMS", format!("{WRONG}  model.gguf\n"));
    let told = wrong.cached().args(args).status(4).run();
    assert!(
        told.stderr.contains("but line 1 of `m/SHA256SUMS` says"),
        "{}",
        told.stderr
    );
}

#[test]
fn what_was_checked_is_known_from_then_on() {
    let test = model().file("m/SHA256SUMS", format!("{WEIGHTS}  model.gguf\n"));
    std::thread::sleep(Duration::from_millis(2100));
    let first = test
        .cached()
        .args(["build", "m", "-q", "--trust", "sums", "-o", "out"])
        .run();
    let again = |args: &[&str]| {
        let watch = Watch::new([first.dir().join("m")]);
        first.then().cached().args(["build", "m", "-q"]).args(args).run();
        watch.opened().contains("model.gguf")
    };
    assert!(!again(&["--dry-run"]));
    // But not what was only believed.
    fs_err::write(first.dir().join("m/model.gguf"), "weights\n").unwrap();
    std::thread::sleep(Duration::from_millis(2100));
    assert!(!again(&["--dry-run", "--trust", "sums"]));
    assert!(again(&["--dry-run"]));
}

#[test]
fn hostile_documents_are_one_clear_error() {
    let fifo = |name: &str| {
        let test = model();
        let path = test.dir().join("m").join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, mode, 0).unwrap();
        test
    };
    for (name, trust) in [
        ("SHA256SUMS", "sums"),
        ("model.sig", "oms"),
        (".cache/huggingface/download/model.gguf.metadata", "hf"),
    ] {
        let output = fifo(name)
            .args(["build", "m", "--dry-run", "--trust", trust])
            .status(3)
            .run();
        let expected = format!("error: cannot read `m/{name}`: it is not a file\n");
        assert!(output.stderr.starts_with(&expected), "{}", output.stderr);
    }
    let huge = model().file("m/SHA256SUMS", "");
    let file = fs_err::OpenOptions::new()
        .write(true)
        .open(huge.dir().join("m/SHA256SUMS"))
        .unwrap();
    file.set_len(1 << 40).unwrap();
    let output = huge
        .args(["build", "m", "--dry-run", "--trust", "sums"])
        .status(3)
        .run();
    assert!(
        output.stderr.contains("it has more than 67108864 bytes"),
        "{}",
        output.stderr
    );
}

#[test]
fn make_is_told_of_the_lists_that_decide() {
    let test = model().file("m/SHA256SUMS", format!("{WEIGHTS}  model.gguf\n"));
    let args = ["build", "m", "-q", "-o", "out", "--trust", "sums", "--depfile", "out.d"];
    let built = test.args(args).run();
    let depfile = fs_err::read_to_string(built.dir().join("out.d")).unwrap();
    assert!(depfile.contains("m/SHA256SUMS"), "{depfile}");
}

/// Runs git in `directory`, which must be there. `None` where git or git-lfs is missing.
fn git(directory: &Path, args: &[&str]) -> Option<()> {
    let git = oracle("git")?;
    oracle("git-lfs")?;
    let who = [
        "-c",
        "user.name=a",
        "-c",
        "user.email=a@b",
        "-c",
        "protocol.file.allow=always",
    ];
    git.approve(directory, who.iter().chain(args));
    Some(())
}

#[test]
fn a_plan_says_where_a_digest_is_written() {
    let test = model().file("m/SHA256SUMS", format!("{WEIGHTS}  model.gguf\n"));
    let args = ["plan", "m", "--explain", "--trust", "sums", "-o", "out"];
    let planned = test.args(args).run();
    assert!(
        planned
            .text()
            .contains("model.gguf: digest stated in line 1 of `m/SHA256SUMS`"),
        "{}",
        planned.text()
    );
}
