//! What people type who know other tools.

use snapbox::str;

use crate::harness::Test;
use crate::tiny::tiny;

#[test]
fn an_option_of_another_tool_is_told_by_its_name_here() {
    let tip = |args: &[&str]| {
        let answer = Test::new().args(args).status(2).stdout("").run();
        let mut lines = answer.stderr.lines().filter(|line| line.starts_with("  tip: "));
        let (tip, none) = (lines.next().unwrap_or_default().to_owned(), lines.next());
        assert_eq!(none, None, "{}", answer.stderr);
        tip.trim_start_matches("  tip: ").to_owned()
    };
    let without_tls =
        "for a registry whose certificate nobody knows there is '--insecure', for one without TLS '--plain-http'";
    let as_whom = "give '--username USER --password-stdin', or log in before with 'modelbuild login HOST'";
    for (args, expected) in [
        (&["copy", "a", "b", "--dest-tls-verify=false"][..], without_tls),
        (&["--tls-verify=false"], without_tls),
        (&["push", "a", "HOST/b", "--creds", "a:b"], as_whom),
        (
            &["pull", "HOST/b", "--platform", "linux/amd64"],
            "an artifact of an index is chosen by '--variant platform=OS/ARCHITECTURE'",
        ),
        (
            &["extract", "a", "-o", "b"],
            "the directory is an argument: 'modelbuild extract REFERENCE DIR'",
        ),
        (
            &["copy", "a", "-o", "b"],
            "the destination is an argument, the second one",
        ),
        (
            &["ls", "a", "-q"],
            "there is a line for each artifact, and '--format json' for scripts",
        ),
        (&["inspect", "a", "--json"], "give '--format json'"),
        (
            &["pull", "HOST/b", "-p", "secret"],
            "a password is not taken as an argument, where everybody on the machine can see it: pipe it in with \
             '--password-stdin'",
        ),
        // Of a command that speaks to no registry, and of what nobody knows.
        (&["man", "a", "--creds"], ""),
        (&["ls", "a", "--frob"], ""),
        (&["ls", "a", "-f"], ""),
        (&["ls", "a", "--formt", "json"], "a similar argument exists: '--format'"),
        (&["a", "--formt", "json"], "a similar argument exists: '--format'"),
        // A value that looks like an option.
        (
            &["pull", "HOST/b", "--include", "-dash.json"],
            "to pass '-dash.json' as a value, use '--include=-dash.json'",
        ),
        (&["-o", "-out"], "to pass '-out' as a value, use '--output=-out'"),
        (
            &["extract", "a", "b", "--exclude", "--c.json", "-q"],
            "to pass '--c.json' as a value, use '--exclude=--c.json'",
        ),
    ] {
        assert_eq!(tip(args), expected, "{args:?}");
    }
    Test::new()
        .args(["inspect", "out", "--json"])
        .status(2)
        .stderr(str![[r#"
error: unexpected argument '--json' found

  tip: give '--format json'

Usage: modelbuild inspect <REFERENCE>

For more information, try '--help'.

"#]])
        .run();
}

/// What begins with a dash may be a path that is there.
#[test]
fn a_path_that_looks_like_an_option_is_told_how_to_be_one() {
    let built = tiny().args(["-q", "--output=-lay"]).run();
    let told = |arg: &str| {
        let refused = built.then().args(["inspect", arg]).status(2).run();
        refused.stderr.lines().nth(2).unwrap_or_default().to_owned()
    };
    assert_eq!(told("-lay"), "  tip: to pass '-lay' as a value, use '-- -lay'");
    assert_eq!(told("-nolay"), "Usage: modelbuild inspect [OPTIONS] <REFERENCE>");
    built.then().args(["inspect", "--", "-lay"]).run();
}

#[test]
fn a_command_of_another_tool_is_told_by_its_name_here() {
    let command = |word: &str| Test::new().args([word]).status(3).stdout("");
    command("version")
        .stderr(str![[r#"
error: the context directory `version` does not exist
  = help: it is no command either: did you mean `modelbuild --version`?

"#]])
        .run();
    for (word, meant) in [
        ("list", "ls"),
        ("images", "ls"),
        ("status", "plan"),
        ("rmi", "rm"),
        ("load", "copy"),
        ("save", "copy"),
        ("import", "copy"),
        ("export", "extract"),
    ] {
        let help = format!("  = help: it is no command either: did you mean `modelbuild {meant}`?");
        assert_eq!(command(word).run().stderr.lines().nth(1), Some(help.as_str()));
    }
    Test::new()
        .args(["list", "out"])
        .status(2)
        .stderr(str![[r#"
error: unrecognized command 'list': did you mean 'ls'?

Usage: modelbuild [OPTIONS] [CONTEXT]
       modelbuild <COMMAND>

For more information, try '--help'.

"#]])
        .run();
    for (word, meant) in [
        ("load", "copy"),
        ("import", "copy"),
        ("save", "copy"),
        ("export", "extract"),
    ] {
        let answer = Test::new().args([word, "x.tar"]).status(2).stdout("").run();
        let message = format!("error: unrecognized command '{word}': did you mean '{meant}'?");
        assert_eq!(answer.stderr.lines().next(), Some(message.as_str()));
    }
    // What is there is a directory.
    tiny()
        .file("images/Modelfile", "NAME x\nFORMAT gguf\nMODEL m.gguf\n")
        .file("images/m.gguf", "")
        .args(["images", "-q"])
        .run();
}

#[test]
fn a_layout_is_told_by_its_transport_here() {
    let built = tiny().args(["-q", "-o", "out"]).run();
    for (place, told) in [
        (
            "oci-layout:to",
            "error: invalid value 'oci-layout:to' for '<DESTINATION>...': write `oci:to`, or `./oci-layout:to` for a path of that name",
        ),
        (
            "oci-layout://to:v1",
            "error: invalid value 'oci-layout://to:v1' for '<DESTINATION>...': write `oci:to:v1`",
        ),
        (
            "ocidir://to",
            "error: invalid value 'ocidir://to' for '<DESTINATION>...': write `oci:to`",
        ),
    ] {
        let refused = built.then().args(["copy", "out", place]).status(2).run();
        assert_eq!(refused.stderr.lines().next(), Some(told));
    }
    built
        .then()
        .args(["inspect", "oci-layout:out"])
        .status(3)
        .stderr(str![[r#"
error: there is nothing at `oci-layout:out`
  = help: did you mean `oci:out`?

"#]])
        .run();
}

#[test]
fn a_value_that_is_empty_is_told_from_none() {
    let told = |args: &[&str]| {
        let refused = Test::new().args(args).status(2).stdout("").run();
        refused.stderr.lines().take(3).collect::<Vec<_>>().join("\n")
    };
    let empty = "error: invalid value '' for '--include <PATTERN>'\n\n  tip: the value is empty: give it one, or leave the option out";
    assert_eq!(told(&["pull", "HOST/a", "--include", ""]), empty);
    assert_eq!(told(&["pull", "HOST/a", "--include="]), empty);
    assert_eq!(
        told(&["--spec", ""]),
        "error: invalid value '' for '--spec <SPEC>'\n\n  tip: the value is empty: expected `modelpack` or `docker`"
    );
    assert_eq!(
        told(&["-f", ""]),
        "error: invalid value '' for '--file <FILE>'\n\n  tip: the value is empty: give it one, or leave the option out"
    );
    assert_eq!(
        told(&["pull", "HOST/a", "--include"]).lines().next(),
        Some("error: a value is required for '--include <PATTERN>' but none was supplied")
    );
}

/// A directory is a context, whatever it is called.
#[test]
fn a_directory_called_like_a_command_is_none() {
    for word in ["export", "pul"] {
        let test = Test::new();
        fs_err::create_dir(test.dir().join(word)).unwrap();
        let refused = test.args([word, "--frob"]).status(2).stdout("").run();
        let told = refused.stderr.lines().next();
        assert_eq!(told, Some("error: unexpected argument '--frob' found"), "{word}");
    }
}
