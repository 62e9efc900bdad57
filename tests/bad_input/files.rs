//! Files that cannot be packed, and names that can.

use super::*;

#[test]
fn neither_file_nor_directory() {
    let test = with_modelfile("MODEL *.gguf\n");
    fifo(&test.dir().join("m/b.gguf"));
    build_refused(
        test,
        3,
        str![[r#"
error: `b.gguf` is a FIFO, not a regular file
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`


"#]],
    );
    let test = with_modelfile("MODEL *.gguf\n");
    let _socket = UnixListener::bind(test.dir().join("m/b.gguf")).unwrap();
    build_refused(
        test,
        3,
        str![[r#"
error: `b.gguf` is a socket, not a regular file
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`


"#]],
    );
    let test = with_modelfile("MODEL *.gguf\n").symlink("/dev/zero", "m/b.gguf");
    build_refused(
        test,
        3,
        str![[r#"
error: `b.gguf` is a symlink to `/dev/zero`, outside of the context
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: put the file itself into the context, or exclude the link in `.modelignore`


"#]],
    );
}

#[test]
fn a_device() {
    if is_root() {
        let test = with_modelfile("MODEL *.gguf\n");
        let path = test.dir().join("m/b.gguf");
        let made = Command::new("mknod").arg(path).args(["c", "1", "5"]).output().unwrap();
        if !made.status.success() {
            return denied("mknod refused by this machine");
        }
        build_refused(
            test,
            3,
            str![[r#"
error: `b.gguf` is a device, not a regular file
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: only regular files can be packed; narrow the pattern or exclude it in `.modelignore`


"#]],
        );
    }
}

#[test]
fn unreadable() {
    if is_root() {
        let test = with_modelfile("MODEL a.gguf\n").by_nobody();
        fs_err::set_permissions(test.dir().join("m/a.gguf"), PermissionsExt::from_mode(0o000)).unwrap();
        build_refused(
            test,
            3,
            str![[r#"
error: `a.gguf` cannot be read: permission denied
 --> m/Modelfile:1:7
  |
1 | MODEL a.gguf
  |       ^^^^^^
  |
  = help: make it readable for the user who builds, or exclude it in `.modelignore`


"#]],
        );
    }
}

#[test]
fn names_with_control_characters() {
    build_refused(
        with_modelfile("MODEL *.gguf\n").file("m/b\nc.gguf", ""),
        3,
        str![[r#"
error: the name `b\nc.gguf` holds a control character
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: readers of artifacts need names that are UTF-8 without control characters: rename it, or exclude it in `.modelignore`


"#]],
    );
    build_refused(
        with_modelfile("MODEL *.gguf\n").file("m/b\x1b[2J.gguf", ""),
        3,
        str![[r#"
error: the name `b\u{1b}[2J.gguf` holds a control character
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: readers of artifacts need names that are UTF-8 without control characters: rename it, or exclude it in `.modelignore`


"#]],
    );
}

#[test]
fn names_that_are_not_utf8() {
    let name = OsStr::from_bytes(b"m/b\xff.gguf");
    build_refused(
        with_modelfile("MODEL *.gguf\n").file(name, ""),
        3,
        str![[r#"
error: the name `b\xff.gguf` is not UTF-8
 --> m/Modelfile:1:7
  |
1 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: readers of artifacts need names that are UTF-8 without control characters: rename it, or exclude it in `.modelignore`


"#]],
    );
}

#[test]
fn names_with_quotes_and_spaces_come_through() {
    let output = Test::new()
        .file("m/Modelfile", "NAME m\nMODEL *.gguf\n")
        .file("m/it's \"b\" `c` $d\\e.gguf", "1")
        .file("m/ü – 模型.gguf", "2")
        .args(["build", "m", "-q", "--metadata-file", "metadata.json"])
        .run();
    let metadata = fs_err::read(output.dir().join("metadata.json")).unwrap();
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    let layers = metadata["modelbuild.layers"].as_array().unwrap();
    let paths: Vec<_> = layers.iter().map(|layer| layer["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["it's \"b\" `c` $d\\e.gguf", "ü – 模型.gguf"]);
    layout::check(&output.dir().join("m/dist/m"));
}

/// Not every file system that the artifact is unpacked to can hold both.
#[test]
fn names_that_differ_by_case_only() {
    let test = with_modelfile("NAME m\nMODEL *.gguf\n").file("m/A.gguf", "other weights");
    build_refused(
        test,
        3,
        str![[r#"
error: `A.gguf` and `a.gguf` differ by case only
 --> m/Modelfile:2:7
  |
2 | MODEL *.gguf
  |       ^^^^^^
  |
  = help: they are one file on macOS and Windows: rename one, or exclude it in `.modelignore`


"#]],
    );
}

/// It is not the input's fault that no more files can be opened.
#[test]
fn too_many_open_files() {
    let test = model();
    let built = test.args(["build", "m", "-q", "-o", "out"]).run();
    let mut seen = 0;
    for args in [
        "build m -q -o other -j 1",
        "inspect out",
        "ls out",
        "copy -q out third -j 1",
        "verify out",
    ] {
        for most in 4..30 {
            let limited = format!("ulimit -n {most}; exec \"$0\" {args}");
            let mut command = Command::new("sh");
            clean(&mut command, built.dir().parent().unwrap());
            let output = command
                .args(["-c", &limited, env!("CARGO_BIN_EXE_modelbuild")])
                .current_dir(built.dir())
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
            let is_told = !said.contains("Too many open files") || output.status.code() == Some(1);
            assert!(is_told, "{args} with {most}: {:?}: {said}", output.status);
            seen += usize::from(said.contains("`ulimit -n`"));
        }
    }
    assert!(seen > 5, "{seen}");
}
