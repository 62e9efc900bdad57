use modelbuild::artifact::{Recipe, Spec, assemble, findings};
use modelbuild::digest::Digest;
use modelbuild::modelfile::Kind;
use modelbuild::plan::Plan;
use snapbox::{IntoData as _, assert_data_eq, str};

use super::{digests, file, plan};

/// One line a finding and one its help.
fn report(plan: &Plan, digests: &[Digest], recipe: &Recipe) -> String {
    let artifact = assemble(plan, digests, recipe).unwrap();
    let lines = findings(plan, &artifact)
        .into_iter()
        .map(|finding| format!("{:?}: {finding}\n  help: {}", finding.severity, finding.help()));
    lines.collect::<Vec<_>>().join("\n")
}

fn model(files: &[&str]) -> Plan {
    let mut plan = plan(files.iter().map(|path| file(path, Kind::Code, 0)).collect());
    plan.metadata.format = Some("gguf".to_owned());
    plan
}

#[test]
fn nothing_to_say() {
    let plan = model(&["a", "b"]);
    assert_eq!(report(&plan, &digests(&plan), &Recipe::default()), "");
}

#[test]
fn files_with_the_same_bytes() {
    let plan = model(&["z", "one", "a", "b", "a\tb", "c", "d", "e", "f"]);
    let mut digests = digests(&plan);
    digests[2] = digests[0];
    for index in 4..9 {
        digests[index] = digests[3];
    }
    let docker = Recipe {
        spec: Spec::Docker,
        ..Recipe::default()
    };
    assert_data_eq!(
        report(&plan, &digests, &docker),
        str![[r#"
Warning: 2 files have the same bytes: `z`, `a`
  help: Docker Model Runner's pull fails on equal layers; for it, keep one of the files
Warning: 6 files have the same bytes: `b`, `a\tb`, `c`, `d` and 2 more
  help: Docker Model Runner's pull fails on equal layers; for it, keep one of the files
"#]]
        .raw()
    );
}

/// Docker Model Runner reads `ModelPack` too, but not every artifact is for it; and every package has an empty file or two.
#[test]
fn equal_files_in_modelpack_are_a_note_unless_they_are_empty() {
    let code = |path: &str, size| file(path, Kind::Code, size);
    let mut plan = plan(vec![
        code("a", 1),
        code("b", 1),
        code("c/__init__.py", 0),
        code("d/__init__.py", 0),
    ]);
    plan.metadata.format = Some("gguf".to_owned());
    let mut digests = digests(&plan);
    digests[1] = digests[0];
    digests[3] = digests[2];
    assert_data_eq!(
        report(&plan, &digests, &Recipe::default()),
        str![[r#"
Note: 2 files have the same bytes: `a`, `b`
  help: Docker Model Runner's pull fails on equal layers; for it, keep one of the files
"#]]
        .raw()
    );
    let docker = Recipe {
        spec: Spec::Docker,
        ..Recipe::default()
    };
    assert_eq!(report(&plan, &digests, &docker).matches("Warning").count(), 2);
}

#[test]
fn a_model_without_a_format() {
    let mut plan = model(&["a"]);
    plan.metadata.format = None;
    for spec in [Spec::ModelPack, Spec::Docker] {
        let recipe = Recipe {
            spec,
            ..Recipe::default()
        };
        let minds = if spec == Spec::Docker { "Warning" } else { "Note" };
        assert_eq!(
            report(&plan, &digests(&plan), &recipe),
            format!(
                "{minds}: the format of the model is not known\n  help: state it, such as `FORMAT gguf`: Docker Model \
                 Runner runs no model whose format it does not know"
            )
        );
    }
}

#[test]
fn a_manifest_that_registries_refuse() {
    let paths: Vec<String> = (0..9000).map(|number| format!("rows/{number:05}.parquet")).collect();
    let plan = model(&paths.iter().map(String::as_str).collect::<Vec<_>>());
    assert_data_eq!(
        report(&plan, &digests(&plan), &Recipe::default()),
        str![[r#"
Warning: the manifest of 9000 layers has 4266312 bytes: registries may refuse more than 4 MiB
  help: pack fewer files, such as a dataset as one archive
"#]]
    );
}
