use std::io::Cursor;
use std::path::Path;

use modelbuild::modelfile::Source;
use snapbox::{assert_data_eq, str};

/// The error and its hint for what `Source::read` makes of `path`, the directory's own name taken out.
fn unread(path: &Path) -> String {
    let error = Source::read(path).unwrap_err();
    let parent = path.parent().unwrap().display().to_string();
    format!("{error}\n{}\n", error.help()).replace(&parent, "[DIR]")
}

#[test]
fn what_cannot_be_read_is_said_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let with = |name: &str, bytes: &[u8]| {
        fs_err::write(at(name), bytes).unwrap();
        unread(&at(name))
    };
    assert_data_eq!(
        unread(&at("Missing")),
        str![[r#"
there is no Modelfile at `[DIR]/Missing`
write one that names the model's files, such as `MODEL *.gguf`, or name another file with `-f`

"#]]
    );
    std::os::unix::fs::symlink("nowhere", at("Dangling")).unwrap();
    assert_data_eq!(
        unread(&at("Dangling")),
        str![[r#"
`[DIR]/Dangling` is a symlink, and there is no file where it points to
mend the symlink, or name another file with `-f`

"#]]
    );
    std::os::unix::fs::symlink("Loop", at("Loop")).unwrap();
    assert_data_eq!(
        unread(&at("Loop")),
        str![[r#"
`[DIR]/Loop` is a symlink, and there is no file where it points to
mend the symlink, or name another file with `-f`

"#]]
    );
    fs_err::create_dir(at("Directory")).unwrap();
    assert_data_eq!(
        unread(&at("Directory")),
        str![[r#"
`[DIR]/Directory` is a directory, not a Modelfile
name the file in it; a context directory is given without `-f`

"#]]
    );
    rustix::fs::mknodat(rustix::fs::CWD, at("Fifo"), rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
    assert_data_eq!(
        unread(&at("Fifo")),
        str![[r#"
`[DIR]/Fifo` is a FIFO, not a regular file
name a regular file, or give the text on stdin with `-f -`

"#]]
    );
    let _socket = std::os::unix::net::UnixListener::bind(at("Socket")).unwrap();
    assert_data_eq!(
        unread(&at("Socket")),
        str![[r#"
`[DIR]/Socket` is a socket, not a regular file
name a regular file, or give the text on stdin with `-f -`

"#]]
    );
    assert_data_eq!(
        unread(Path::new("/dev/null")),
        str![[r#"
`[DIR]/null` is a device, not a regular file
name a regular file, or give the text on stdin with `-f -`

"#]]
    );
    assert_data_eq!(
        with("Latin1", b"\xef\xbb\xbfNAME a\nMODEL \xc3\xa9\xe9"),
        str![[r#"
`[DIR]/Latin1` is not UTF-8: line 2, column 8 holds the byte 0xe9
save the file as UTF-8

"#]]
    );
    assert_data_eq!(
        with("Binary", b"GGUF\x03\0\0\0\xff"),
        str![[r#"
`[DIR]/Binary` looks like a binary file: it is not UTF-8 (line 1, column 9) and has NUL bytes
a Modelfile is a text that names the files; save UTF-16 text as UTF-8

"#]]
    );
    // A sparse file: 100 MB that take no room and no time.
    fs_err::File::create(at("Large")).unwrap().set_len(100_000_000).unwrap();
    assert_data_eq!(
        unread(&at("Large")),
        str![[r#"
`[DIR]/Large` is 100000000 bytes long; a Modelfile may have 4194304 bytes at most
is this a weight file? a Modelfile is a short text that names the files

"#]]
    );
    assert_data_eq!(
        unread(&at("Latin1").join("Modelfile")),
        str![[r#"
there is no Modelfile at `[DIR]/Modelfile`
write one that names the model's files, such as `MODEL *.gguf`, or name another file with `-f`

"#]]
    );
}

#[test]
fn stdin_is_read_up_to_the_limit() {
    let source = Source::read_stdin(Cursor::new("MODEL a")).unwrap();
    assert_eq!((source.name.as_str(), source.text.as_str()), ("<stdin>", "MODEL a"));
    assert_eq!(
        Source::read_stdin(Cursor::new(vec![b'#'; 4 << 20])).unwrap().text.len(),
        4 << 20
    );
    // An endless stream ends in an error.
    let error = Source::read_stdin(std::io::repeat(b'#')).unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str!["`<stdin>` is too large; a Modelfile may have 4194304 bytes at most"]
    );
    let error = Source::read_stdin(Cursor::new(b"a\n\xff")).unwrap_err();
    assert_data_eq!(
        error.to_string(),
        str!["`<stdin>` is not UTF-8: line 2, column 1 holds the byte 0xff"]
    );
}
