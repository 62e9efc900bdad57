//! The order of layers, metadata, and warnings.
use super::*;

#[test]
fn layers_stand_in_the_order_that_readers_need() {
    let case = Case::new().files([
        "w-00010-of-00010.gguf",
        "w-00002-of-00010.gguf",
        "a.gguf",
        "z/a.gguf",
        "mmproj.gguf",
        "chat.jinja",
        "config.json",
        "B.json",
        "run.py",
        "README",
        "data.csv",
        "w-1-of-10.gguf",
    ]);
    let case = case
        .rule(Dataset, "*.csv")
        .rule(Doc, "README")
        .rule(Code, "*.py")
        .rule(Config, "*.json")
        .rule(Template, "*.jinja")
        .rule(Projector, "mm*")
        .rule(Weight, "w-*")
        .rule(Weight, "z")
        .rule(Weight, "a.gguf");
    let (plan, _) = case.resolve().unwrap();
    let paths: Vec<_> = plan
        .files
        .iter()
        .map(|file| format!("{} {}", file.kind, file.path))
        .collect();
    assert_data_eq!(
        paths.join("\n"),
        str![[r#"
weight a.gguf
weight w-1-of-10.gguf
weight w-00002-of-00010.gguf
weight w-00010-of-00010.gguf
projector mmproj.gguf
template chat.jinja
config B.json
config config.json
weight z/a.gguf
code run.py
doc README
dataset data.csv
"#]]
    );
}

#[test]
fn missing_shards_are_a_warning() {
    let case = Case::new().files([
        "m-00001-of-00003.gguf",
        "m-00003-of-00003.gguf",
        "s/x-01-of-99999999.safetensors",
        "n-1-of-1.gguf",
    ]);
    assert_data_eq!(
        case.rule(Weight, "m-*").rule(Weight, "**").plan(),
        str![[r#"
weight m-00001-of-00003.gguf 0
weight m-00003-of-00003.gguf 0
weight n-1-of-1.gguf 0
weight s/x-01-of-99999999.safetensors 0
Warning: 1 of the 3 shards of `m-00001-of-00003.gguf` is missing
  at 1: m-* <- 
  help: no rule matches `m-00002-of-00003.gguf`
Warning: 99999998 of the 99999999 shards of `s/x-01-of-99999999.safetensors` are missing
  at 2: ** <- 
  help: no rule matches `s/x-02-of-99999999.safetensors`, `s/x-03-of-99999999.safetensors`, `s/x-04-of-99999999.safetensors`, `s/x-05-of-99999999.safetensors`, `s/x-06-of-99999999.safetensors` and 99999993 more

"#]]
    );
}

#[test]
fn docker_model_runner_s_names_are_a_warning_where_it_is_for_it() {
    let mut case = Case::new().files(["a.jinja", "b.jinja", "c/d.jinja", "proj.gguf"]);
    case.options.for_docker = true;
    assert_data_eq!(
        case.rule(Template, "a.jinja")
            .rule(Doc, "b.jinja")
            .rule(Doc, "c")
            .rule(Projector, "proj.gguf")
            .plan(),
        str![[r#"
projector proj.gguf 0
template a.jinja 0
doc b.jinja 0
doc c/d.jinja 0
Warning: there are 2 chat templates: `a.jinja` and `b.jinja`
  at 2: b.jinja <- 
  help: Docker Model Runner uses a `.jinja` file beside the weights only if it is the only one; move the others into a directory
Warning: the name of the projector `proj.gguf` does not contain `mmproj`
  at 4: proj.gguf <- 
  help: Docker Model Runner takes it for weights; rename it, such as `mmproj-model.gguf`

"#]]
    );
    let case = Case::new().files(["mmproj-a.gguf", "mmproj-b.gguf"]);
    assert_data_eq!(
        case.rule(Projector, "mmproj-a.gguf")
            .rule(Projector, "mmproj-b.gguf")
            .plan(),
        str![[r#"
projector mmproj-a.gguf 0
projector mmproj-b.gguf 0
Note: there are 2 projectors: `mmproj-a.gguf` and `mmproj-b.gguf`
  at 2: mmproj-b.gguf <- 
  help: Docker Model Runner uses a projector only if it is the only one

"#]]
    );
}

fn format(names: &[&str]) -> Option<String> {
    let case = names.iter().fold(Case::new(), |case, name| case.file(name, ""));
    case.rule(Weight, "*").resolve().unwrap().0.metadata.format
}

#[test]
fn the_format_is_what_all_weights_names_end_in() {
    assert_eq!(format(&["a.gguf", "b.GGUF"]).as_deref(), Some("gguf"));
    assert_eq!(format(&["a.onnx", "a.onnx_data"]).as_deref(), Some("onnx"));
    assert_eq!(format(&["a.safetensors"]).as_deref(), Some("safetensors"));
    assert_eq!(format(&["a.gguf", "b.safetensors"]), None);
    assert_eq!(format(&["a.gguf", "b"]), None);
    assert_eq!(format(&["pytorch_model.bin"]), None);
}

#[test]
fn what_the_modelfile_states_is_the_metadata() {
    let mut case = Case::new().files(["a.gguf"]).rule(Weight, "a.gguf");
    assert_eq!(case.resolve().unwrap().0.metadata.name, "context");
    let at = Span { start: 0, end: 0 };
    case.modelfile.name = Some(Spanned::new("tiny".to_owned(), at));
    case.modelfile.format = Some(Spanned::new("other".to_owned(), at));
    case.modelfile.tool_usage = Some(Spanned::new((), at));
    case.modelfile.authors = vec![Spanned::new("z".to_owned(), at), Spanned::new("a".to_owned(), at)];
    case.modelfile.annotations = vec![(Spanned::new("k".to_owned(), at), Spanned::new("v".to_owned(), at))];
    let metadata = case.resolve().unwrap().0.metadata;
    let expected = modelbuild::plan::Metadata {
        name: "tiny".to_owned(),
        format: Some("other".to_owned()),
        tool_usage: Some(true),
        authors: vec!["z".to_owned(), "a".to_owned()],
        annotations: [("k".to_owned(), "v".to_owned())].into(),
        ..Default::default()
    };
    assert_eq!(metadata, expected);
}

#[test]
fn a_directory_without_a_name_is_a_model() {
    let case = Case::new().rule(Doc, "etc/hostname");
    let (plan, _) = Plan::resolve(&case.modelfile, Path::new("/"), &Options::default()).unwrap();
    assert_eq!(plan.metadata.name, "model");
}
