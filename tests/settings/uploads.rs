//! Nothing is sent anywhere on a project's word alone.

use snapbox::{assert_data_eq, str};

use super::{USER, in_force, project, user};
use crate::servers::registry::{Options, Registry};

#[test]
fn a_project_cannot_ask_for_an_upload() {
    project("push = true\noutput = ['docker://localhost:1/evil:v1', 'out']\ntag = ['localhost:1/evil:v1']\n")
        .args(["-n"])
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: `push` is not for a project to decide
 --> modelbuild.toml:1:1
  |
1 | push = true
  | ^^^^
  |
  = help: give `--push`, set `MODELBUILD_PUSH`, or write it into your own file

error: `docker://localhost:1/evil:v1` is in a registry, which is not for a project to write to
 --> modelbuild.toml:2:11
  |
2 | output = ['docker://localhost:1/evil:v1', 'out']
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: give it with `-o`, set `MODELBUILD_OUTPUT`, or write it into your own file


"#]])
        .run();
}

#[test]
fn what_a_project_names_is_pushed_to_when_somebody_says_so() {
    let registry = Registry::start(Options::default());
    let host = registry.address();
    let names = format!("tag = ['{host}/team/tiny:v1']\n");
    let shown = |text: &str| text.ends_with(&format!("  {host}/team/tiny:v1"));
    assert!(shown(project(&names).args(["--push"]).run().text()));
    assert!(shown(project(&names).env("MODELBUILD_PUSH", "true").run().text()));
    // Unless they do, it is a name.
    assert!(project(&names).run().text().ends_with("  dist/tiny"));
    // And a user's own file may say all of it.
    let own = user(&format!("push = true\n{names}"));
    assert!(shown(own.run().text()));
    let own = user(&format!("output = ['docker://{host}/team/tiny:v1']\n"));
    assert!(shown(own.run().text()));
}

#[test]
fn a_user_s_standing_word_is_not_for_every_project() {
    let test = || {
        project("tag = ['localhost:1/evil:v1']\n")
            .file("user.toml", "# mine\npush = true\n")
            .env("MODELBUILD_CONFIG", "user.toml")
    };
    test()
        .status(3)
        .stdout("")
        .stderr(str![[r#"
error: user.toml:2: `push` in your own file does not hold for what a project names (modelbuild.toml:1)
  = help: give `--push` for this build, name the artifact yourself with `-t`, or give `--no-push`

"#]])
        .run();
    // What sends nothing does all the same what it does.
    for args in [&["config"][..], &["plan"], &["-n"]] {
        let told = test().args(args).run();
        assert_data_eq!(
            told.stderr.lines().take(2).collect::<Vec<_>>().join("\n"),
            str![[r#"
warning: user.toml:2: `push` in your own file does not hold for what a project names (modelbuild.toml:1)
  = help: give `--push` for this build, name the artifact yourself with `-t`, or give `--no-push`
"#]]
        );
        assert!(!told.stdout.is_empty(), "{args:?}");
    }
    test().args(["-q", "--no-push"]).run();
    test().args(["-n", "-q", "-t", "localhost:1/mine:v1"]).run();
    test().args(["-n", "-q", "--push"]).run();
    // A list of none names nothing.
    let none = project("tag = []\n").file(USER, "tag = ['a:1']\npush = true\n");
    assert_eq!(in_force(none.args(["config"]), "push").len(), 1);
}
