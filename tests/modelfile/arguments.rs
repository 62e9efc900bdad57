use modelbuild::modelfile::{BuildArg, BuildArgs, Modelfile, Origin};

use super::{paths, source, stated};

/// Names and values that `--build-arg` gives.
pub(super) fn given(values: &[(&str, &str)]) -> BuildArgs {
    let value = |(name, value): &(&str, &str)| ((*name).to_owned(), BuildArg::Value((*value).to_owned()));
    values.iter().map(value).collect()
}

fn name_with(given: &BuildArgs, text: &str) -> String {
    let source = source(text);
    let (modelfile, findings) = Modelfile::parse(&source, given).unwrap();
    assert_eq!(findings.render(&source, false), "");
    modelfile.name.unwrap().value
}

#[test]
fn a_value_takes_the_place_of_its_reference_in_any_word() {
    let modelfile = stated(
        "ARG size=8B\narg quant=\"Q4_K_M\"\nNAME m-${size}-${quant}\nPARAMSIZE ${size}\nQUANTIZATION ${quant}\n\
         TITLE \"M ${size}, \\\"${quant}\\\"\"\nANNOTATION org.${quant} \"${size}\"\nMODEL ${size}/*.gguf a${quant}",
    );
    let text = |value: Option<modelbuild::modelfile::Spanned<String>>| value.unwrap().value;
    assert_eq!(text(modelfile.name), "m-8B-Q4_K_M");
    assert_eq!(text(modelfile.param_size), "8B");
    assert_eq!(text(modelfile.title), "M 8B, \"Q4_K_M\"");
    let (key, value) = &modelfile.annotations[0];
    assert_eq!((key.value.as_str(), value.value.as_str()), ("org.Q4_K_M", "8B"));
    let patterns: Vec<_> = modelfile.paths.iter().map(|rule| rule.pattern.value.text()).collect();
    assert_eq!(patterns, ["8B/*.gguf", "aQ4_K_M"]);
}

#[test]
fn what_is_given_beats_the_default() {
    let text = "ARG a=1\nARG b=${a}2\nARG c\nNAME ${a}-${b}-${c}\nMODEL m";
    assert_eq!(name_with(&given(&[("c", "x")]), text), "1-12-x");
    assert_eq!(name_with(&given(&[("c", ""), ("a", "9")]), text), "9-92-");
    assert_eq!(name_with(&given(&[("c", "x"), ("b", "9")]), text), "1-9-x");
}

#[test]
fn arguments_that_took_effect_are_kept() {
    let text = "ARG a=1\nARG b\nARG c=${a}\nNAME ${b}${c}\nMODEL m\nARG e=";
    let mut args = given(&[("b", "2")]);
    args.insert("c".to_owned(), BuildArg::Environment(Some("3".to_owned())));
    args.insert("e".to_owned(), BuildArg::Environment(None));
    let (modelfile, _) = Modelfile::parse(&source(text), &args).unwrap();
    let kept: Vec<_> = modelfile
        .arguments
        .iter()
        .map(|argument| (argument.name.as_str(), argument.value.as_str(), argument.origin))
        .collect();
    assert_eq!(
        kept,
        [
            ("a", "1", Origin::Default),
            ("b", "2", Origin::CommandLine),
            ("c", "3", Origin::Environment),
            ("e", "", Origin::Default),
        ]
    );
    let spans: Vec<_> = modelfile
        .arguments
        .iter()
        .map(|argument| &text[argument.span.range()])
        .collect();
    assert_eq!(spans, ["a=1", "b", "c=${a}", "e="]);
    let name = modelfile.name.unwrap().span;
    let within: Vec<_> = modelfile
        .arguments
        .within(name)
        .map(|argument| argument.name.as_str())
        .collect();
    assert_eq!(within, ["b", "c"]);
}

#[test]
fn a_value_is_a_pattern_unless_it_is_quoted() {
    let lines = "ARG x=\"a*,?\"\n";
    assert_eq!(paths(&format!("{lines}MODEL ${{x}}")), ["weight a*,?"]);
    assert_eq!(paths(&format!("{lines}MODEL \"${{x}}\"")), ["weight [a][*][,][?]"]);
    assert_eq!(
        paths(&format!("{lines}MODEL {{b,${{x}}}}\"[${{x}}\"]")),
        ["weight {b,a*,?}[[][a][*][,][?]]"]
    );
}

#[test]
fn a_value_is_one_word_and_never_read_again() {
    let args = given(&[("x", "a b"), ("y", "${x}"), ("z", "\"\\*\"#")]);
    let text = "ARG x\nARG y\nARG z\nMODEL ${x} y${y} ${z}";
    let (modelfile, findings) = Modelfile::parse(&source(text), &args).unwrap();
    assert!(findings.0.is_empty());
    let words: Vec<_> = modelfile.paths.iter().map(|rule| rule.pattern.value.text()).collect();
    assert_eq!(words, ["a b", "y${x}", "\"\\*\"#"]);
    // `#` begins a comment where it is written, not where it is a value.
    let (modelfile, _) = Modelfile::parse(&source("ARG x\nDOC a ${x}"), &given(&[("x", "#")])).unwrap();
    assert_eq!(modelfile.paths.len(), 2);
}

#[test]
fn a_backslash_or_missing_braces_make_it_text() {
    assert_eq!(
        paths("ARG x=1\nMODEL \\${x} \"\\${x}\" $x $ {x} ${x}$"),
        [
            "weight [$]{x}",
            "weight [$][{][x][}]",
            "weight $x",
            "weight $",
            "weight {x}",
            "weight 1$"
        ]
    );
    // The one in front of it is another matter.
    assert_eq!(paths("ARG x=1\nMODEL \\\\${x}"), ["weight [\\]1"]);
}

#[test]
fn without_an_arg_it_is_text_as_for_modctl() {
    assert_eq!(
        paths("# ARG x\nMODEL ${c} \"${a-b}\" ${ ${} a${x"),
        [
            "weight ${c}",
            "weight [$][{][a][-][b][}]",
            "weight ${",
            "weight ${}",
            "weight a${x"
        ]
    );
}
