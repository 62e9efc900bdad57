//! What is said about a path that is not there: what its writer may have meant, and where it was looked for.
use snapbox::IntoData;

use super::*;

#[test]
fn ways_of_writing_paths_that_others_have() {
    let case = Case::new()
        .files(["docs/1.md", "my file.md", "w.gguf", "LICENSE", "docs/sub/2.md"])
        .rule(Doc, "'docs/1.md'")
        .rule(Doc, "'docs/*.txt'")
        .rule(Doc, "'my")
        .rule(Doc, "docs\\1.md")
        .rule(Doc, "\"docs\\\\sub\\\\2.md\"")
        .rule(Doc, "docs\\missing.md")
        .rule(Doc, "~/models/x")
        .rule(Doc, "~/*.gguf")
        .rule(Weight, "w.gguf,LICENSE")
        .rule(Weight, "x.gguf,y.gguf")
        .rule(Weight, "=");
    assert_data_eq!(
        case.plan(),
        str![[r#"
Error: `'docs/1.md'` does not exist
  at 1: 'docs/1.md' <- 
  help: single quotes are ordinary characters: a name with blanks is put in double quotes
Error: no file matches `'docs/*.txt'`
  at 2: 'docs/*.txt' <- 
  help: single quotes are ordinary characters: a name with blanks is put in double quotes
Error: `'my` does not exist
  at 3: 'my <- 
  help: single quotes are ordinary characters: a name with blanks is put in double quotes
Error: `docs1.md` does not exist
  at 4: docs\1.md <- 
  help: a backslash takes the next character as it is: did you mean `docs/1.md`?
Error: `docs\sub\2.md` does not exist
  at 5: "docs\\sub\\2.md" <- 
  help: a backslash takes the next character as it is: did you mean `docs/sub/2.md`?
Error: `docsmissing.md` does not exist
  at 6: docs\missing.md <- 
Error: `~/models/x` does not exist
  at 7: ~/models/x <- 
  help: `~` is an ordinary character, and only files in the context directory are packed
Error: no file matches `~/*.gguf`
  at 8: ~/*.gguf <- 
  help: `~` is an ordinary character, and only files in the context directory are packed
Error: `w.gguf,LICENSE` does not exist
  at 9: w.gguf,LICENSE <- 
  help: blanks stand between paths, not commas: did you mean `w.gguf LICENSE`?
Error: `x.gguf,y.gguf` does not exist
  at 10: x.gguf,y.gguf <- 
Error: `=` does not exist
  at 11: = <- 
  help: a blank stands between keyword and path, not `=`

"#]]
        .raw()
    );
}

#[test]
fn each_file_that_braces_name_has_to_be_there() {
    let case = Case::new()
        .files(["data/train.jsonl", "data/test.jsonl", "a.json", "sub/x", "d/e/f"])
        .file(".modelignore", "sub/\n")
        .rule(Dataset, "data/{train,tset,nope}.jsonl")
        .rule(Config, "*.{json,jinja}")
        .rule(Code, "{d,sub/x}")
        .rule(Doc, "{none,nothing}");
    assert_data_eq!(
        case.plan(),
        str![[r#"
Error: `data/tset.jsonl` does not exist
  at 1: data/{train,tset,nope}.jsonl <- 
  help: did you mean `data/test.jsonl`?
Error: `data/nope.jsonl` does not exist
  at 1: data/{train,tset,nope}.jsonl <- 
Error: `sub/x` is excluded by `.modelignore`
  at 3: {d,sub/x} <- 
  help: line 1 there is `sub/`; a later line with `!` takes a path in again
Error: no file matches `{none,nothing}`
  at 4: {none,nothing} <- 

"#]]
        .raw()
    );
}

/// What lies behind a directory that cannot be entered is not said to be missing too.
#[test]
fn a_problem_on_the_way_is_told_once() {
    let case = Case::new()
        .files(["a"])
        .link("out", "/etc")
        .rule(Doc, "{a,out/hostname}");
    assert_data_eq!(
        case.plan(),
        str![[r#"
Error: `out` is a symlink to `/etc`, outside of the context
  at 1: {a,out/hostname} <- 
  help: put the file itself into the context, or exclude the link in `.modelignore`

"#]]
        .raw()
    );
}

#[test]
fn the_cache_of_hugging_face_is_recognised() {
    let case = Case::new();
    let blobs = case.directory.path().join("hub/models--org--name/blobs");
    fs_err::create_dir_all(&blobs).unwrap();
    fs_err::write(blobs.join("0123"), "").unwrap();
    let case = case.link("model.gguf", blobs.join("0123")).rule(Weight, "*.gguf");
    assert_data_eq!(case.plan(), str![[r#"
Error: `model.gguf` is a symlink to `[DIR]/hub/models--org--name/blobs/0123`, outside of the context
  at 1: *.gguf <- 
  help: this is the cache of Hugging Face, whose files are links: `hf download --local-dir DIR` makes a directory that can be packed

"#]].raw());
}

#[test]
fn a_modelfile_elsewhere_does_not_move_the_paths() {
    let mut case = Case::new().files(["sub/a"]).rule(Doc, "a").rule(Doc, "*.md");
    let beside = case.context().join("Modelfile");
    case.options.modelfile = Some(beside);
    let plain = case.plan();
    case.options.modelfile = Some(case.context().join("sub/Modelfile"));
    assert!(!plain.contains("relative"), "{plain}");
    assert_data_eq!(
        case.plan(),
        str![[r#"
Error: `a` does not exist
  at 1: a <- 
  help: paths are relative to the context, `[DIR]/context`
Error: no file matches `*.md`
  at 2: *.md <- 
  help: paths are relative to the context, `[DIR]/context`

"#]]
        .raw()
    );
}

#[test]
fn a_format_that_the_names_contradict() {
    let stated = |format: &str, weights: [&str; 2]| {
        let mut case = Case::new().files(weights).rule(Weight, "*.*");
        let span = Span { start: 0, end: 5 };
        case.modelfile.format = Some(Spanned::new(format.to_owned(), span));
        case.plan()
    };
    assert_data_eq!(
        stated("gguf", ["a.safetensors", "b.safetensors"]),
        str![[r#"
weight a.safetensors 0
weight b.safetensors 0
Warning: the format is stated as `gguf`, and all weights are named as `safetensors`
  at 1: MODEL <- 
  help: say `FORMAT safetensors`, or leave the line out

"#]]
        .raw()
    );
    for (format, weights) in [
        ("gguf", ["a.gguf", "b.GGUF"]),
        // Nobody knows better.
        ("pytorch", ["a.safetensors", "b.safetensors"]),
        ("gguf", ["a.safetensors", "b.bin"]),
        ("onnx", ["a.onnx", "a.onnx_data"]),
    ] {
        let shown = stated(format, weights);
        assert!(!shown.contains("Warning"), "{shown}");
    }
}
