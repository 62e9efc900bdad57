//! What a plan is made from, so that others know when it would be another.

use snapbox::{assert_data_eq, str};

use super::*;

/// The inputs, a line each: packed files, others, directories with a slash.
fn inputs(case: &Case) -> String {
    let (plan, _) = case.resolve().unwrap();
    let relative = |path: &PathBuf| match path.strip_prefix(case.context()) {
        Ok(path) => format!("CONTEXT/{}", path.display()),
        Err(_) => path.display().to_string(),
    };
    let inputs = plan.inputs();
    let packed = inputs.packed.iter().map(|path| relative(path) + "\n");
    let files = inputs.files.iter().map(|path| relative(path) + " (beside)\n");
    let directories = inputs
        .directories
        .iter()
        .map(|path| relative(path).trim_end_matches('/').to_owned() + "/\n");
    packed.chain(files).chain(directories).collect()
}

#[test]
fn files_and_the_directories_that_were_listed() {
    let case = Case::new()
        .files(["b.gguf", "a.gguf", "other", "code/x.py", "code/deep/y.py", "docs/z.md"])
        .rule(Weight, "*.gguf")
        .rule(Code, "code/**/*.py");
    assert_data_eq!(
        inputs(&case),
        str![[r#"
CONTEXT/a.gguf
CONTEXT/b.gguf
CONTEXT/code/deep/y.py
CONTEXT/code/x.py
CONTEXT/
CONTEXT/code/
CONTEXT/code/deep/

"#]]
    );
}

#[test]
fn directories_without_any_match_too() {
    let case = Case::new()
        .file("a.gguf", "")
        .directory("empty")
        .directory(".hidden")
        .rule(Weight, "**/*.gguf");
    assert_data_eq!(
        inputs(&case),
        str![[r#"
CONTEXT/a.gguf
CONTEXT/
CONTEXT/empty/

"#]]
    );
}

#[test]
fn the_ignore_file_and_not_what_it_excludes() {
    let case = Case::new()
        .files(["a.gguf", "old/b.gguf"])
        .file(".modelignore", "old/\n")
        .rule(Weight, "**/*.gguf");
    assert_data_eq!(
        inputs(&case),
        str![[r#"
CONTEXT/a.gguf
CONTEXT/.modelignore (beside)
CONTEXT/

"#]]
    );
}

#[test]
fn outputs_only_by_what_makes_them_outputs() {
    let case = Case::new()
        .files(["a.gguf", "earlier/oci-layout", "earlier/blobs/x.gguf", "now/y.gguf"])
        .output("now")
        .rule(Weight, "**/*.gguf");
    assert_data_eq!(
        inputs(&case),
        str![[r#"
CONTEXT/a.gguf
CONTEXT/earlier/oci-layout (beside)
CONTEXT/

"#]]
    );
}

#[test]
fn what_symlinks_lead_to_and_through() {
    let case = Case::new()
        .file(".store/v1/a.gguf", "")
        .file(".links/x", "")
        .link(".store/current", "v1")
        .link(".links/a", "../.store/current/a.gguf")
        .link("a.gguf", ".links/a")
        .link("data", ".store/v1")
        .rule(Weight, "a.gguf")
        .rule(Dataset, "data");
    assert_data_eq!(
        inputs(&case),
        str![[r#"
CONTEXT/a.gguf
CONTEXT/data/a.gguf
CONTEXT/.store/v1/a.gguf (beside)
CONTEXT/
CONTEXT/.links/
CONTEXT/.store/
CONTEXT/data/

"#]]
    );
}

#[test]
fn paths_are_spelled_as_the_context_is() {
    let directory = TempDir::new().unwrap();
    fs_err::create_dir(directory.path().join("m")).unwrap();
    fs_err::write(directory.path().join("m/a.gguf"), "").unwrap();
    fs_err::write(directory.path().join("m/.modelignore"), "").unwrap();
    let case = Case::new().rule(Weight, "*.gguf");
    let context = directory.path().join("m/../m//./");
    let (plan, _) = Plan::resolve(&case.modelfile, &context, &Options::default()).unwrap();
    let spelled = directory.path().join("m/../m");
    assert_eq!(plan.inputs().packed, [spelled.join("a.gguf")]);
    assert_eq!(plan.inputs().files, [spelled.join(".modelignore")]);
    assert_eq!(plan.inputs().directories, [spelled]);
}
