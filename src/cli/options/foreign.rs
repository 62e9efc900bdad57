//! What other tools call what is called otherwise here.

use clap::Command;

/// An option of another tool.
struct Foreign {
    names: &'static [&'static str],
    /// The commands that somebody may give it to,
    commands: &'static [&'static str],
    /// and all that have this option of ours.
    ours: Option<&'static str>,
    /// What to type.
    advice: &'static str,
}

/// Of skopeo, oras, docker and podman.
const OPTIONS: [Foreign; 8] = [
    Foreign {
        names: &["--tls-verify", "--src-tls-verify", "--dest-tls-verify"],
        commands: &[],
        ours: Some("insecure"),
        advice: "for a registry whose certificate nobody knows there is '--insecure', for one without TLS '--plain-http'",
    },
    Foreign {
        names: &["--creds", "--src-creds", "--dest-creds"],
        commands: &[],
        ours: Some("username"),
        advice: "give '--username USER --password-stdin', or log in before with 'modelbuild login HOST'",
    },
    Foreign {
        names: &["--platform"],
        commands: &[],
        ours: Some("variant"),
        advice: "an artifact of an index is chosen by '--variant platform=OS/ARCHITECTURE'",
    },
    Foreign {
        names: &["-o", "--output"],
        commands: &["extract"],
        ours: None,
        advice: "the directory is an argument: 'modelbuild extract REFERENCE DIR'",
    },
    Foreign {
        names: &["-o", "--output"],
        commands: &["copy", "convert"],
        ours: None,
        advice: "the destination is an argument, the second one",
    },
    Foreign {
        names: &["-q", "--quiet"],
        commands: &["ls"],
        ours: None,
        advice: "there is a line for each artifact, and '--format json' for scripts",
    },
    Foreign {
        names: &["--json"],
        commands: &[],
        ours: Some("format"),
        advice: "give '--format json'",
    },
    Foreign {
        names: &["-p", "--password"],
        commands: &[],
        ours: Some("password-stdin"),
        advice: "a password is not taken as an argument, where everybody on the machine can see it: pipe it in with \
         '--password-stdin'",
    },
];

/// Commands of other tools, and what to type.
const COMMANDS: [(&[&str], &str); 12] = [
    (&["version"], "--version"),
    (&["list", "images", "tags"], "ls"),
    (&["status"], "plan"),
    (&["show", "info"], "inspect"),
    (&["download", "fetch", "get"], "pull"),
    (&["upload", "publish"], "push"),
    (&["cp", "mirror", "load", "save", "import"], "copy"),
    (&["delete", "remove", "untag", "rmi"], "rm"),
    (&["gc"], "prune"),
    (&["unpack", "export"], "extract"),
    (&["pack", "package", "create"], "build"),
    (&["check", "fsck"], "verify"),
];

/// What to type for `option`, which `command` does not have.
pub fn option(command: &Command, option: &str) -> Option<&'static str> {
    let has = |long: &str| command.get_arguments().any(|arg| arg.get_long() == Some(long));
    let fits = |foreign: &&Foreign| {
        foreign.names.contains(&option)
            && (foreign.commands.contains(&command.get_name()) || foreign.ours.is_some_and(has))
    };
    OPTIONS.iter().find(fits).map(|foreign| foreign.advice)
}

/// What to type behind `modelbuild` for the command `word`, which there is not.
pub fn command(word: &str) -> Option<&'static str> {
    let mut commands = COMMANDS.iter();
    let found = commands.find(|(names, _)| names.contains(&word));
    found.map(|(_, ours)| *ours)
}
