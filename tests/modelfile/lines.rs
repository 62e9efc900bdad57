use modelbuild::modelfile::{Kind, Modality};
use snapbox::str;

use super::{paths, says, source, stated};

#[test]
fn every_keyword_goes_to_its_field() {
    let modelfile = stated(
        r#"
NAME n
ARCH a
FAMILY f
FORMAT gguf
PARAMSIZE 8B
PRECISION bfloat16
QUANTIZATION Q4_K_M
VERSION 1
TITLE "t t"
DESCRIPTION d
AUTHOR a1
AUTHOR a2
VENDOR v
LICENSE MIT
LICENSE "Apache-2.0 WITH LLVM-exception"
DOCURL https://d
SOURCEURL https://s
REVISION r
DATASETURL https://1
DATASETURL https://2
INPUT text
INPUT image
OUTPUT embedding
LANGUAGE en
LANGUAGE de
CUTOFF 2024-06-01T00:00:00Z
CAPABILITY reasoning
CAPABILITY tools
CAPABILITY reward
CONTEXT 8192
ANNOTATION k "v v"
TEMPLATE t.jinja
MMPROJ mmproj.gguf
MODEL m
CONFIG c
CODE x
DOC d
DATASET s
"#,
    );
    let text = |value: Option<modelbuild::modelfile::Spanned<String>>| value.map(|value| value.value);
    let texts = |values: Vec<modelbuild::modelfile::Spanned<String>>| {
        values
            .into_iter()
            .map(|value| value.value)
            .collect::<Vec<_>>()
            .join("|")
    };
    assert_eq!(text(modelfile.name).as_deref(), Some("n"));
    assert_eq!(text(modelfile.architecture).as_deref(), Some("a"));
    assert_eq!(text(modelfile.family).as_deref(), Some("f"));
    assert_eq!(text(modelfile.format).as_deref(), Some("gguf"));
    assert_eq!(text(modelfile.param_size).as_deref(), Some("8B"));
    assert_eq!(text(modelfile.precision).as_deref(), Some("bfloat16"));
    assert_eq!(text(modelfile.quantization).as_deref(), Some("Q4_K_M"));
    assert_eq!(text(modelfile.version).as_deref(), Some("1"));
    assert_eq!(text(modelfile.title).as_deref(), Some("t t"));
    assert_eq!(text(modelfile.description).as_deref(), Some("d"));
    assert_eq!(texts(modelfile.authors), "a1|a2");
    assert_eq!(text(modelfile.vendor).as_deref(), Some("v"));
    assert_eq!(texts(modelfile.licenses), "MIT|Apache-2.0 WITH LLVM-exception");
    assert_eq!(text(modelfile.doc_url).as_deref(), Some("https://d"));
    assert_eq!(text(modelfile.source_url).as_deref(), Some("https://s"));
    assert_eq!(text(modelfile.revision).as_deref(), Some("r"));
    assert_eq!(texts(modelfile.dataset_urls), "https://1|https://2");
    let inputs: Vec<_> = modelfile.inputs.iter().map(|input| input.value).collect();
    assert_eq!(inputs, [Modality::Text, Modality::Image]);
    assert_eq!(
        modelfile.outputs.iter().map(|output| output.value).collect::<Vec<_>>(),
        [Modality::Embedding]
    );
    assert_eq!(texts(modelfile.languages), "en|de");
    assert_eq!(
        text(modelfile.knowledge_cutoff).as_deref(),
        Some("2024-06-01T00:00:00Z")
    );
    assert!(modelfile.reasoning.is_some() && modelfile.tool_usage.is_some() && modelfile.reward.is_some());
    assert_eq!(modelfile.context_size.map(|size| size.value), Some(8192));
    let (key, value) = &modelfile.annotations[0];
    assert_eq!((key.value.as_str(), value.value.as_str()), ("k", "v v"));
    let kinds: Vec<_> = modelfile.paths.iter().map(|rule| rule.kind).collect();
    assert_eq!(
        kinds,
        [
            Kind::Template,
            Kind::Projector,
            Kind::Weight,
            Kind::Config,
            Kind::Code,
            Kind::Doc,
            Kind::Dataset
        ]
    );
}

#[test]
fn a_value_knows_its_place() {
    let text = "# é\nNAME  \"a b\" \nMODEL x";
    let name = stated(text).name.unwrap();
    assert_eq!(text.get(name.span.range()), Some("\"a b\""));
    assert_eq!((source(text).line(name.span), source(text).column(name.span)), (2, 7));
}

#[test]
fn words_follow_modctl_rules_of_quoting() {
    assert_eq!(paths("MODEL a\"b c\"d"), ["weight a[b][ ][c]d"]);
    assert_eq!(paths(r"MODEL a\ b\\c\*"), [r"weight a[ ]b[\]c[*]"]);
    assert_eq!(paths(r#"MODEL "a\"b\\""#), [r#"weight [a]["][b][\]"#]);
    assert_eq!(paths("MODEL 'a b'"), ["weight 'a", "weight b'"]);
    assert_eq!(paths("MODEL a$b ${c}"), ["weight a$b", "weight ${c}"]);
}

#[test]
fn several_words_on_a_path_line_are_several_paths() {
    assert_eq!(
        paths("MODEL a b\tc\nDOC d\nMODEL a"),
        ["weight a", "weight b", "weight c", "doc d", "weight a"]
    );
}

#[test]
fn tabs_byte_order_mark_crlf_indents_and_case_are_fine() {
    let text = "\u{feff}\tmodel\ta.gguf\t \r\n\r\n  # comment\r\n\u{a0}\u{3000}Doc \"a\tb\"\u{a0}\r\nCODE x";
    assert_eq!(paths(text), ["weight a.gguf", "doc [a][\t][b]", "code x"]);
}

#[test]
fn a_hash_is_a_comment_only_at_the_start_of_a_line() {
    assert_eq!(
        paths("#MODEL x\nMODEL #1 a#b \"#c\" \\#d"),
        ["weight #1", "weight a#b", "weight [#][c]", "weight [#]d"]
    );
    says(
        "MODEL a.gguf # the weights\nNAME a # b\n",
        str![[r#"
error: a comment behind other words
 --> Modelfile:1:14
  |
1 | MODEL a.gguf # the weights
  |              ^^^^^^^^^^^^^ these would be words, not a comment
  |
  = help: give the comment a line of its own
  = help: if it is meant as text or as a file's name, put it in double quotes

error: a comment behind other words
 --> Modelfile:2:8
  |
2 | NAME a # b
  |        ^^^ these would be words, not a comment
  |
  = help: give the comment a line of its own
  = help: if it is meant as text or as a file's name, put it in double quotes

"#]],
    );
}

#[test]
fn lines_of_any_length_are_read() {
    let word = "x".repeat(1 << 20);
    let text = format!("DESCRIPTION {word}\nMODEL a");
    assert_eq!(stated(&text).description.unwrap().value.len(), 1 << 20);
    // The mistake stands behind the first mebibyte, and the text stays as short as any.
    says(
        &format!("MODEL {word} \"{word}"),
        str![[r#"
error: this double quote is never closed
 --> Modelfile:1:1048584
  |
1 | ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
  |                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `\"` for the character itself

"#]],
    );
}

#[test]
fn quotes_are_closed_and_backslashes_take_something() {
    says(
        "MODEL a \"b\"c\"d e\nDOC \"a\\\"\n",
        str![[r#"
error: this double quote is never closed
 --> Modelfile:1:13
  |
1 | MODEL a "b"c"d e
  |             ^^^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `\"` for the character itself

error: this double quote is never closed
 --> Modelfile:2:5
  |
2 | DOC "a\"
  |     ^^^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `\"` for the character itself

"#]],
    );
    says(
        "MODEL a\\\nDOC b\\ \nCODE \"c\\",
        str![[r#"
error: a backslash at the end of a line
 --> Modelfile:1:8
  |
1 | MODEL a\
  |        ^ there is no character left for it to take literally
  |
  = help: a line cannot be continued on the next one; write `\\` for the character itself
  = help: put a word that ends in a blank in double quotes

error: a backslash at the end of a line
 --> Modelfile:2:6
  |
2 | DOC b\ 
  |      ^ there is no character left for it to take literally
  |
  = help: a line cannot be continued on the next one; write `\\` for the character itself
  = help: put a word that ends in a blank in double quotes

error: this double quote is never closed
 --> Modelfile:3:6
  |
3 | CODE "c\
  |      ^^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `\"` for the character itself

"#]],
    );
}

#[test]
fn unusual_spaces_separate_nothing() {
    says(
        "MODEL a\u{a0}b \"c\u{a0}d\" e\\\u{a0}f",
        str![[r#"
warning: the space U+00A0 is part of the word
 --> Modelfile:1:8
  |
1 | MODEL a b "c d" e\ f
  |        ^ only plain spaces and tabs separate words
  |
  = help: if it is meant, put `a b` in double quotes

"#]],
    );
}
