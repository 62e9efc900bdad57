//! Symlinks: what is followed, and what leads out, nowhere or around.
use super::*;

#[test]
fn links_that_leave_the_context() {
    let case = Case::new().files(["a", "d/b"]);
    let outside = case.directory.path().join("outside");
    fs_err::create_dir(&outside).unwrap();
    fs_err::write(outside.join("secret"), "").unwrap();
    symlink(case.context().join("a"), outside.join("back")).unwrap();
    let files = case
        .link("relative", "../outside/secret")
        .link("absolute", outside.join("secret"))
        .link("back", outside.join("back"))
        .link("hop", "absolute")
        .link("d/up", "../..")
        .link("dir", &outside);
    let files = ["relative", "absolute", "back", "hop", "dir/secret", "dir"]
        .into_iter()
        .fold(files, |case, path| case.rule(Doc, path));
    assert_data_eq!(
        files.rule(Code, "d").rule(Code, "**/*.py").plan(),
        str![[r#"
Error: `relative` is a symlink to `[DIR]/outside/secret`, outside of the context
  at 1: relative <- 
  help: put the file itself into the context, or exclude the link in `.modelignore`
Error: `absolute` is a symlink to `[DIR]/outside/secret`, outside of the context
  at 2: absolute <- 
  help: put the file itself into the context, or exclude the link in `.modelignore`
Error: `back` is a symlink to `[DIR]/outside/back`, outside of the context
  at 3: back <- 
  help: put the file itself into the context, or exclude the link in `.modelignore`
Error: `hop` is a symlink to `[DIR]/outside/secret`, outside of the context
  at 4: hop <- 
  help: put the file itself into the context, or exclude the link in `.modelignore`
Error: `dir` is a symlink to `[DIR]/outside`, outside of the context
  at 5: dir/secret <- 
  help: put the file itself into the context, or exclude the link in `.modelignore`
Error: `d/up` is a symlink to `[DIR]`, outside of the context
  at 7: d <- 
  help: put the file itself into the context, or exclude the link in `.modelignore`

"#]]
    );
}

#[test]
fn an_ignored_or_unmatched_link_does_no_harm() {
    let case = Case::new()
        .files(["a"])
        .link("out", "/etc")
        .link("gone", "nowhere")
        .link("loop", ".");
    assert_data_eq!(
        case.file(".modelignore", "out\ngone\n").rule(Doc, "[a-k]*").plan(),
        str![[r#"
doc a 0

"#]]
    );
}

#[test]
fn links_that_lead_nowhere() {
    let case = Case::new()
        .link("gone", "nowhere")
        .link("self", "self")
        .link("x", "y")
        .link("y", "x")
        .link("dir", "nowhere");
    assert_data_eq!(
        case.rule(Doc, "gone")
            .rule(Doc, "self")
            .rule(Doc, "x")
            .rule(Doc, "dir/a")
            .rule(Code, "*")
            .plan(),
        str![[r#"
Error: `gone` is a symlink to `nowhere`, which does not exist
  at 1: gone <- 
  help: mend or remove the link, or exclude it in `.modelignore`
Error: `self` is a symlink that leads back to itself
  at 2: self <- 
  help: remove the link, or exclude it in `.modelignore`
Error: `x` is a symlink that leads back to itself
  at 3: x <- 
  help: remove the link, or exclude it in `.modelignore`
Error: `dir` is a symlink to `nowhere`, which does not exist
  at 4: dir/a <- 
  help: mend or remove the link, or exclude it in `.modelignore`
Error: `y` is a symlink that leads back to itself
  at 5: * <- 
  help: remove the link, or exclude it in `.modelignore`

"#]]
    );
}

#[test]
fn loops_of_directories() {
    let files = || {
        Case::new()
            .files(["a/b/c"])
            .link("a/b/up", "../../a")
            .link("a/here", "..")
    };
    assert_data_eq!(
        files().rule(Doc, "a").plan(),
        str![[r#"
Error: `a/b/up` is a symlink to `a`, the directory it lies in: a loop
  at 1: a <- 
  help: the same goes for `a/here`
  help: remove the link, or exclude it in `.modelignore`

"#]]
    );
    assert_data_eq!(
        files().rule(Doc, "**/c").plan(),
        str![[r#"
Error: `a/b/up` is a symlink to `a`, the directory it lies in: a loop
  at 1: **/c <- 
  help: the same goes for `a/here`
  help: remove the link, or exclude it in `.modelignore`

"#]]
    );
}

#[test]
fn many_loops_end_soon() {
    let mut case = Case::new();
    for from in 0..12 {
        for to in 0..12 {
            case = case.link(&format!("d{from}/to{to}"), format!("../d{to}"));
        }
    }
    assert_data_eq!(
        case.rule(Doc, ".").plan(),
        str![[r#"
Error: `d0/to0` is a symlink to `d0`, the directory it lies in: a loop
  at 1: . <- 
  help: the same goes for `d1/to1`, `d10/to10`, `d11/to11`, `d2/to2`, `d3/to3`, `d4/to4`, `d5/to5`, `d6/to6`, `d7/to7`, `d8/to8` and 1 more
  help: remove the link, or exclude it in `.modelignore`

"#]]
    );
}

#[test]
fn links_inside_the_context_are_followed() {
    let case = many()
        .link("l.bin", "docs/deep/f.bin")
        .link("again", "docs")
        .link("docs/up.bin", "../a.bin");
    let absolute = case.context().join("c.txt");
    let case = case.link("absolute", absolute).link("chain", "l.bin");
    assert_data_eq!(
        case.rule(Doc, "{l.bin,again,absolute,chain,docs}").plan(),
        str![[r#"
doc absolute 0
doc again/d.txt 0
doc again/deep/e.txt 0
doc again/deep/f.bin 0
doc again/up.bin 0
doc chain 0
doc docs/d.txt 0
doc docs/deep/e.txt 0
doc docs/deep/f.bin 0
doc docs/up.bin 0
doc l.bin 0

"#]]
    );
}

#[test]
fn the_context_may_be_a_link_and_have_any_name() {
    let case = Case::new().file("[a]*{b,c}?/x.gguf", "1");
    let odd = case.context().join("[a]*{b,c}?");
    let link = case.directory.path().join("link");
    symlink(odd, &link).unwrap();
    let case = case.rule(Weight, "*.gguf");
    let (plan, _) = Plan::resolve(&case.modelfile, &link, &Options::default()).unwrap();
    assert_eq!(plan.files[0].own().unwrap().path, link.join("x.gguf"));
    assert_eq!(plan.metadata.name, "[a]*{b,c}?");
}
