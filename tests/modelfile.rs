//! The Modelfile language through the library: what is understood, and the whole text of what is said about mistakes.

use std::fmt::Write as _;
use std::io::Cursor;
use std::path::Path;

use modelbuild::modelfile::{Diagnostics, Kind, Modality, Modelfile, Severity, Source, Span};
use proptest::prelude::*;
use snapbox::{assert_data_eq, str};

fn source(text: &str) -> Source {
    Source {
        name: "Modelfile".to_owned(),
        text: text.to_owned(),
    }
}

/// What the user gets to see about `text`, errors or not.
fn findings(text: &str) -> String {
    let source = source(text);
    match Modelfile::parse(&source) {
        Ok((_, findings)) | Err(findings) => findings.render(&source, false),
    }
}

/// What `text` states; it must be free of errors.
fn parsed(text: &str) -> (Modelfile, Diagnostics) {
    let source = source(text);
    Modelfile::parse(&source).unwrap_or_else(|findings| panic!("{}", findings.render(&source, false)))
}

/// What `text` states; there must be nothing to say about it.
fn stated(text: &str) -> Modelfile {
    let (modelfile, findings) = parsed(text);
    assert_eq!(findings.render(&source(text), false), "");
    modelfile
}

/// The paths as `kind word`, literal characters in brackets.
fn paths(text: &str) -> Vec<String> {
    let rule = |rule: &modelbuild::modelfile::PathRule| {
        let mut line = rule.kind.to_string();
        line.push(' ');
        for (character, literal) in rule.pattern.value.chars() {
            write!(
                line,
                "{}",
                if *literal {
                    format!("[{character}]")
                } else {
                    character.to_string()
                }
            )
            .unwrap();
        }
        line
    };
    stated(text).paths.iter().map(rule).collect()
}

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
    assert_data_eq!(findings("MODEL a.gguf # the weights\nNAME a # b\n"), str![[r#"
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

"#]]);
}

#[test]
fn lines_of_any_length_are_read() {
    let word = "x".repeat(1 << 20);
    let text = format!("DESCRIPTION {word}\nMODEL a");
    assert_eq!(stated(&text).description.unwrap().value.len(), 1 << 20);
    // The mistake stands behind the first mebibyte, and the text stays as short as any.
    assert_data_eq!(findings(&format!("MODEL {word} \"{word}")), str![[r#"
error: this double quote is never closed
 --> Modelfile:1:1048584
  |
1 | ...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...
  |                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `/"` for the character itself

"#]]);
}

#[test]
fn every_bad_line_is_reported_in_one_run() {
    assert_data_eq!(
        findings("MODELS a.gguf\nNAME\nNAME b\nINPUT txt\nMODEL \"a\nPRECISION bf61\nMODEL b.gguf"),
        str![[r#"
error: unknown keyword `MODELS`
 --> Modelfile:1:1
  |
1 | MODELS a.gguf
  | ^^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?

error: `NAME` takes one value
 --> Modelfile:2:1
  |
2 | NAME
  | ^^^^ nothing follows
  |
  = help: write it as in `NAME llama-3.1-8b`

error: `NAME` is stated twice
 --> Modelfile:3:1
  |
2 | NAME
  | ---- stated first
3 | NAME b
  | ^^^^ stated again
  |
  = help: keep one of them

error: unknown modality `txt`
 --> Modelfile:4:7
  |
4 | INPUT txt
  |       ^^^ expected `text`, `image`, `audio`, `video`, `embedding` or `other`
  |
  = help: did you mean `text`?

error: this double quote is never closed
 --> Modelfile:5:7
  |
5 | MODEL "a
  |       ^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `/"` for the character itself

warning: `bf61` is not a precision of the vocabulary
 --> Modelfile:6:11
  |
6 | PRECISION bf61
  |           ^^^^ kept as it stands
  |
  = help: did you mean `bf16`?

"#]]
    );
}

#[test]
fn the_first_twenty_findings_are_shown_errors_before_the_rest() {
    let text = format!("{}FOO\nMODEL a", "LANGUAGE EN\n".repeat(30));
    let shown = findings(&text);
    assert_eq!(shown.matches("error: ").count(), 1);
    assert_eq!(shown.matches("\n --> ").count() + shown.matches("\n  --> ").count(), 20);
    assert!(shown.ends_with("note: and 40 more findings\n"), "{shown}");
}

#[test]
fn a_file_of_bad_lines_ends_after_a_thousand() {
    let source = source(&"x\n".repeat(100_000));
    let findings = Modelfile::parse(&source).unwrap_err();
    assert_eq!(findings.0.len(), 1000);
}

#[test]
fn an_empty_modelfile_states_no_file() {
    assert_data_eq!(findings(""), str![[r#"
error: the Modelfile is empty
 --> Modelfile:1:1
  |
1 |
  | ^ no keyword to be found
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`

"#]]);
    assert_data_eq!(findings("# only this\n\n"), str![[r#"
error: the Modelfile states no file
 --> Modelfile:1:12
  |
1 | # only this
  |            ^ no line up to here names one
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`

"#]]);
    assert_data_eq!(findings("NAME a\nARCH b\n\n"), str![[r#"
error: the Modelfile states no file
 --> Modelfile:2:7
  |
2 | ARCH b
  |       ^ no line up to here names one
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`

"#]]);
}

#[test]
fn unknown_keywords_get_the_nearest_known_one() {
    assert_data_eq!(findings("MODLE a"), str![[r#"
error: unknown keyword `MODLE`
 --> Modelfile:1:1
  |
1 | MODLE a
  | ^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?

"#]]);
    assert_data_eq!(findings("WEIGHTS a"), str![[r#"
error: unknown keyword `WEIGHTS`
 --> Modelfile:1:1
  |
1 | WEIGHTS a
  | ^^^^^^^ not a keyword
  |
  = help: the keywords are NAME, ARCH, FAMILY, FORMAT, PARAMSIZE, PRECISION, QUANTIZATION, CONFIG, MODEL, CODE, DOC, DATASET, TEMPLATE, MMPROJ, VERSION, TITLE, DESCRIPTION, AUTHOR, VENDOR, LICENSE, DOCURL, SOURCEURL, REVISION, DATASETURL, INPUT, OUTPUT, LANGUAGE, CUTOFF, CAPABILITY, CONTEXT, ANNOTATION

"#]]);
    assert_data_eq!(findings("MODEL\u{a0}a"), str![[r#"
error: unknown keyword `MODEL a`
 --> Modelfile:1:1
  |
1 | MODEL a
  | ^^^^^^^ not a keyword
  |
  = help: it holds the space U+00A0; only plain spaces and tabs separate words

"#]]);
    assert_data_eq!(findings("MODEL a\nPARAMETER temperature 1"), str![[r#"
error: unknown keyword `PARAMETER`
 --> Modelfile:2:1
  |
2 | PARAMETER temperature 1
  | ^^^^^^^^^ not a keyword
  |
  = help: it is a keyword of Ollama's Modelfile: no counterpart; sampling is set where the model runs

"#]]);
}

#[test]
fn reserved_keywords_are_not_supported_yet() {
    assert_data_eq!(findings("MODEL a\nFROM x\nARG y=1\nadapter z"), str![[r#"
error: `FROM` is not supported yet
 --> Modelfile:2:1
  |
2 | FROM x
  | ^^^^ kept free for a later version
  |
  = help: name the files themselves, as in `MODEL model.gguf`

error: `ARG` is not supported yet
 --> Modelfile:3:1
  |
3 | ARG y=1
  | ^^^ kept free for a later version
  |
  = help: write the value itself where it is used

error: `ADAPTER` is not supported yet
 --> Modelfile:4:1
  |
4 | adapter z
  | ^^^^^^^ kept free for a later version
  |
  = help: no keyword takes a LoRA adapter yet; leave it out, or merge it into the weights

"#]]);
}

#[test]
fn a_single_value_is_stated_once() {
    assert_data_eq!(findings("NAME a\nMODEL a\nname b"), str![[r#"
error: `NAME` is stated twice
 --> Modelfile:3:1
  |
1 | NAME a
  | ---- stated first
2 | MODEL a
3 | name b
  | ^^^^ stated again
  |
  = help: keep one of them

"#]]);
    assert_data_eq!(findings("TEMPLATE a\n\n\n\n\n\n\n\n\nTEMPLATE b"), str![[r#"
error: `TEMPLATE` is stated twice
  --> Modelfile:10:1
   |
 1 | TEMPLATE a
   | -------- stated first
...
10 | TEMPLATE b
   | ^^^^^^^^ stated again
   |
   = help: keep one of them

"#]]);
    let far = format!("NAME a\n{}NAME b\nMODEL a", "\n".repeat(2000));
    assert_data_eq!(findings(&far), str![[r#"
error: `NAME` is stated twice
    --> Modelfile:2002:1
     |
2002 | NAME b
     | ^^^^ stated again
     |
    ::: Modelfile:1:1
     |
   1 | NAME a
     | ---- stated first
     |
     = help: keep one of them

"#]]);
}

#[test]
fn the_number_of_words_is_checked() {
    assert_data_eq!(findings("MODEL"), str![[r#"
error: `MODEL` takes one path or more
 --> Modelfile:1:1
  |
1 | MODEL
  | ^^^^^ nothing follows
  |
  = help: write it as in `MODEL model.gguf`

"#]]);
    assert_data_eq!(findings("MODEL a\nDESCRIPTION a small model"), str![[r#"
error: `DESCRIPTION` takes one value
 --> Modelfile:2:15
  |
2 | DESCRIPTION a small model
  |               ^^^^^^^^^^^ 2 words too many
  |
  = help: put text with blanks in double quotes: `"a small model"`

"#]]);
    assert_data_eq!(findings("MODEL a\nINPUT text image"), str![[r#"
error: `INPUT` takes one value
 --> Modelfile:2:12
  |
2 | INPUT text image
  |            ^^^^^ one word too many
  |
  = help: put text with blanks in double quotes: `"text image"`
  = help: or give each value a line of its own, as in `INPUT text`

"#]]);
    assert_data_eq!(findings("TEMPLATE a b"), str![[r#"
error: `TEMPLATE` takes one path
 --> Modelfile:1:12
  |
1 | TEMPLATE a b
  |            ^ one word too many
  |
  = help: put text with blanks in double quotes: `"a b"`

"#]]);
    assert_data_eq!(findings("MODEL a\nANNOTATION key=value\nANNOTATION k v v"), str![[r#"
error: `ANNOTATION` takes a key and a value
 --> Modelfile:2:12
  |
2 | ANNOTATION key=value
  |            ^^^^^^^^^ nothing follows the key
  |
  = help: write it as in `ANNOTATION org.example.team research`

error: `ANNOTATION` takes a key and a value
 --> Modelfile:3:16
  |
3 | ANNOTATION k v v
  |                ^ one word too many
  |
  = help: put text with blanks in double quotes: `"v v"`

"#]]);
    assert_data_eq!(findings("MODEL \"\"\nNAME \"\"\nANNOTATION \"\" v"), str![[r#"
error: an empty value for `MODEL`
 --> Modelfile:1:7
  |
1 | MODEL ""
  |       ^^ nothing between the quotes
  |
  = help: leave the line out, or state something, as in `MODEL model.gguf`

error: an empty value for `NAME`
 --> Modelfile:2:6
  |
2 | NAME ""
  |      ^^ nothing between the quotes
  |
  = help: leave the line out, or state something, as in `NAME llama-3.1-8b`

error: an empty value for `ANNOTATION`
 --> Modelfile:3:12
  |
3 | ANNOTATION "" v
  |            ^^ nothing between the quotes
  |
  = help: leave the line out, or state something, as in `ANNOTATION org.example.team research`

"#]]);
}

#[test]
fn quotes_are_closed_and_backslashes_take_something() {
    assert_data_eq!(findings("MODEL a \"b\"c\"d e\nDOC \"a\\\"\n"), str![[r#"
error: this double quote is never closed
 --> Modelfile:1:13
  |
1 | MODEL a "b"c"d e
  |             ^^^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `/"` for the character itself

error: this double quote is never closed
 --> Modelfile:2:5
  |
2 | DOC "a/"
  |     ^^^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `/"` for the character itself

"#]]);
    assert_data_eq!(findings("MODEL a\\\nDOC b\\ \nCODE \"c\\"), str![[r#"
error: a backslash at the end of a line
 --> Modelfile:1:8
  |
1 | MODEL a/
  |        ^ there is no character left for it to take literally
  |
  = help: a line cannot be continued on the next one; write `//` for the character itself
  = help: put a word that ends in a blank in double quotes

error: a backslash at the end of a line
 --> Modelfile:2:6
  |
2 | DOC b/ 
  |      ^ there is no character left for it to take literally
  |
  = help: a line cannot be continued on the next one; write `//` for the character itself
  = help: put a word that ends in a blank in double quotes

error: this double quote is never closed
 --> Modelfile:3:6
  |
3 | CODE "c/
  |      ^^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `/"` for the character itself

"#]]);
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let shown = findings("MODEL a\u{1b}[31mb\nNAME a\0b\nARCH a\rb\nFAMILY \u{9b}1m\n\u{202e}MODEL x");
    assert!(
        !shown
            .chars()
            .any(|character| character.is_control() && character != '\n'),
        "{shown:?}"
    );
    assert!(!shown.contains('\u{202e}'));
    assert_data_eq!(shown, str![[r#"
error: the control character U+001B
 --> Modelfile:1:8
  |
1 | MODEL a␛[31mb
  |        ^ not allowed in a Modelfile
  |
  = help: take it out; no name or value can hold control characters

error: a NUL character
 --> Modelfile:2:7
  |
2 | NAME a␀b
  |       ^ not allowed in a Modelfile
  |
  = help: is this a text file? it may be a binary, or text in UTF-16

error: a carriage return that does not end the line
 --> Modelfile:3:7
  |
3 | ARCH a␍b
  |       ^ not allowed in a Modelfile
  |
  = help: end every line in LF or CR LF

error: the control character U+009B
 --> Modelfile:4:8
  |
4 | FAMILY �1m
  |        ^ not allowed in a Modelfile
  |
  = help: take it out; no name or value can hold control characters

error: unknown keyword `�MODEL`
 --> Modelfile:5:1
  |
5 | �MODEL x
  | ^^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?

"#]]);
    let named = Source {
        name: "a\u{1b}]0;x\u{7}\n".to_owned(),
        text: "FOO\u{1b}".to_owned(),
    };
    let shown = Modelfile::parse(&named).unwrap_err().render(&named, false);
    assert!(
        !shown
            .chars()
            .any(|character| character.is_control() && character != '\n'),
        "{shown:?}"
    );
}

#[test]
fn unusual_spaces_separate_nothing() {
    assert_data_eq!(findings("MODEL a\u{a0}b \"c\u{a0}d\" e\\\u{a0}f"), str![[r#"
warning: the space U+00A0 is part of the word
 --> Modelfile:1:8
  |
1 | MODEL a b "c d" e/ f
  |        ^ only plain spaces and tabs separate words
  |
  = help: if it is meant, put `a b` in double quotes

"#]]);
}

#[test]
fn carets_stand_under_wide_characters_and_tabs() {
    assert_data_eq!(findings("MODEL\t\"日本語\tx\"\tb \"c\n"), str![[r#"
error: this double quote is never closed
 --> Modelfile:1:17
  |
1 | MODEL    "日本語    x"    b "c
  |                             ^^ no `"` from here to the end of the line
  |
  = help: close it on the same line, or write `/"` for the character itself

"#]]);
}

#[test]
fn color_is_asked_for() {
    let source = source("FOO");
    let findings = Modelfile::parse(&source).unwrap_err();
    assert!(findings.render(&source, true).contains("\u{1b}["));
    assert!(!findings.render(&source, false).contains('\u{1b}'));
}

#[test]
fn precision_names_and_aliases() {
    let precision = |value: &str| {
        parsed(&format!("MODEL a\nPRECISION {value}"))
            .0
            .precision
            .unwrap()
            .value
    };
    assert_eq!(precision("bf16"), "bfloat16");
    assert_eq!(precision("FP16"), "float16");
    assert_eq!(precision("torch.float32"), "float32");
    assert_eq!(precision("\"bf16, f8_e4m3fn\""), "bfloat16,float8_e4m3");
    assert_eq!(precision("Q4_0"), "Q4_0");
    assert_eq!(precision("int4"), "int4");
    assert_data_eq!(findings("MODEL a\nPRECISION bf16"), str![[r#"
note: `bf16` is taken as `bfloat16`
 --> Modelfile:2:11
  |
2 | PRECISION bf16
  |           ^^^^

"#]]);
    assert_data_eq!(findings("MODEL a\nPRECISION Q4_0"), str![[r#"
warning: `Q4_0` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION Q4_0
  |           ^^^^ kept as it stands
  |
  = help: a quantization has a keyword of its own: `QUANTIZATION Q4_0`

"#]]);
    assert_data_eq!(findings("MODEL a\nPRECISION fp8"), str![[r#"
warning: `fp8` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION fp8
  |           ^^^ kept as it stands
  |
  = help: say which of the two: `float8_e4m3` or `float8_e5m2`

"#]]);
    assert_data_eq!(findings("MODEL a\nPRECISION \"blfoat16,,x\""), str![[r#"
warning: `blfoat16` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION "blfoat16,,x"
  |           ^^^^^^^^^^^^^ kept as it stands
  |
  = help: did you mean `bfloat16`?

warning: `` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION "blfoat16,,x"
  |           ^^^^^^^^^^^^^ kept as it stands
  |
  = help: the precisions are float32, float64, float16, bfloat16, float8_e4m3, float8_e5m2, complex32, complex64, complex128, int8, int16, int32, int64, uint8, uint16, uint32, uint64, bool; commas between several

warning: `x` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION "blfoat16,,x"
  |           ^^^^^^^^^^^^^ kept as it stands
  |
  = help: the precisions are float32, float64, float16, bfloat16, float8_e4m3, float8_e5m2, complex32, complex64, complex128, int8, int16, int32, int64, uint8, uint16, uint32, uint64, bool; commas between several

"#]]);
}

#[test]
fn parameter_counts() {
    let size = |value: &str| {
        parsed(&format!("MODEL a\nPARAMSIZE {value}"))
            .0
            .param_size
            .unwrap()
            .value
    };
    assert_eq!(size("0.5b"), "0.5B");
    assert_eq!(size("135M"), "135M");
    assert_eq!(size("7"), "7");
    for (written, hint) in [
        ("7", "did you mean `7B`?"),
        ("\"1.5 B\"", "did you mean `1.5B`?"),
        ("\"7 billion\"", "did you mean `7B`?"),
        ("7_000_000_000", "did you mean `7B`?"),
        ("361820000", "did you mean `361820K`?"),
        ("large", "write it as in `PARAMSIZE 8B`"),
        (".5B", "write it as in `PARAMSIZE 8B`"),
    ] {
        let shown = findings(&format!("MODEL a\nPARAMSIZE {written}"));
        assert!(shown.starts_with("warning: ") && shown.contains(hint), "{shown}");
    }
    assert_data_eq!(findings("MODEL a\nPARAMSIZE 8b"), str![[r#"
note: `8b` is taken as `8B`
 --> Modelfile:2:11
  |
2 | PARAMSIZE 8b
  |           ^^

"#]]);
    assert_data_eq!(findings("MODEL a\nPARAMSIZE 8X"), str![[r#"
warning: `8X` is not a parameter count
 --> Modelfile:2:11
  |
2 | PARAMSIZE 8X
  |           ^^ expected a count and one of the units K, M, B, T, Q
  |
  = help: write it as in `PARAMSIZE 8B`; it is kept as it stands

"#]]);
}

#[test]
fn formats_are_lower_case() {
    assert_eq!(parsed("MODEL a\nFORMAT GGUF").0.format.unwrap().value, "gguf");
    assert_data_eq!(findings("MODEL a\nFORMAT GGUF"), str![[r#"
note: `GGUF` is taken as `gguf`
 --> Modelfile:2:8
  |
2 | FORMAT GGUF
  |        ^^^^

"#]]);
}

#[test]
fn licences_are_spdx_expressions() {
    let license = |value: &str| {
        parsed(&format!("MODEL a\nLICENSE \"{value}\"")).0.licenses[0]
            .value
            .clone()
    };
    assert_eq!(license("apache-2.0"), "Apache-2.0");
    assert_eq!(
        license("(mit OR apache-2.0+) AND gpl-2.0-only WITH classpath-exception-2.0"),
        "(MIT OR Apache-2.0+) AND GPL-2.0-only WITH Classpath-exception-2.0"
    );
    assert_eq!(license("LicenseRef-llama3"), "LicenseRef-llama3");
    assert_data_eq!(findings("MODEL a\nLICENSE mit"), str![[r#"
note: `mit` is taken as `MIT`
 --> Modelfile:2:9
  |
2 | LICENSE mit
  |         ^^^

"#]]);
    assert_data_eq!(findings("MODEL a\nLICENSE gpl-3.0"), str![[r#"
note: `gpl-3.0` is taken as `GPL-3.0`
 --> Modelfile:2:9
  |
2 | LICENSE gpl-3.0
  |         ^^^^^^^

warning: the licence name `GPL-3.0` is deprecated by SPDX
 --> Modelfile:2:9
  |
2 | LICENSE gpl-3.0
  |         ^^^^^^^
  |
  = help: say `GPL-3.0-only` or `GPL-3.0-or-later`

"#]]);
    assert_data_eq!(
        findings("MODEL a\nLICENSE apache2\nLICENSE \"GPL v3\"\nLICENSE llama3"),
        str![[r#"
error: `apache2` is not an SPDX licence expression
 --> Modelfile:2:9
  |
2 | LICENSE apache2
  |         ^^^^^^^ unknown term: `apache2`
  |
  = help: did you mean `Apache-2.0`?
  = help: a licence that SPDX does not list is written `LicenseRef-` and a name of your choice

error: `GPL v3` is not an SPDX licence expression
 --> Modelfile:3:9
  |
3 | LICENSE "GPL v3"
  |         ^^^^^^^^ unknown term: `GPL`
  |
  = help: did you mean `GPL-3.0-only`?
  = help: a licence that SPDX does not list is written `LicenseRef-` and a name of your choice

error: `llama3` is not an SPDX licence expression
 --> Modelfile:4:9
  |
4 | LICENSE llama3
  |         ^^^^^^ unknown term: `llama3`
  |
  = help: write it as in `LICENSE Apache-2.0` or `LICENSE "MIT OR Apache-2.0"`
  = help: a licence that SPDX does not list is written `LicenseRef-` and a name of your choice

"#]]
    );
    assert_data_eq!(
        findings("MODEL a\nLICENSE \"(MIT OR\"\nLICENSE GPL-3.0-only+\nLICENSE \"MIT, Zlib\""),
        str![[r#"
error: `(MIT OR` is not an SPDX licence expression
 --> Modelfile:2:9
  |
2 | LICENSE "(MIT OR"
  |         ^^^^^^^^^ expected one of `<license>`, `(` here
  |
  = help: write it as in `LICENSE Apache-2.0` or `LICENSE "MIT OR Apache-2.0"`
  = help: a licence that SPDX does not list is written `LicenseRef-` and a name of your choice

error: `GPL-3.0-only+` is not an SPDX licence expression
 --> Modelfile:3:9
  |
3 | LICENSE GPL-3.0-only+
  |         ^^^^^^^^^^^^^ a GNU license was followed by a `+`: `+`
  |
  = help: did you mean `GPL-3.0-only`?
  = help: a licence that SPDX does not list is written `LicenseRef-` and a name of your choice

error: `MIT, Zlib` is not an SPDX licence expression
 --> Modelfile:4:9
  |
4 | LICENSE "MIT, Zlib"
  |         ^^^^^^^^^^^ invalid character(s): `, Zlib`
  |
  = help: did you mean `Kazlib`?
  = help: a licence that SPDX does not list is written `LicenseRef-` and a name of your choice

"#]]
    );
}

#[test]
fn languages_have_two_letters() {
    let language = |value: &str| {
        parsed(&format!("MODEL a\nLANGUAGE {value}")).0.languages[0]
            .value
            .clone()
    };
    assert_eq!(
        (language("EN"), language("deu"), language("pt_BR")),
        ("en".into(), "de".into(), "pt".into())
    );
    assert_data_eq!(findings("MODEL a\nLANGUAGE en-US"), str![[r#"
note: `en-US` is taken as `en`
 --> Modelfile:2:10
  |
2 | LANGUAGE en-US
  |          ^^^^^
  |
  = help: the ModelPack config has no room for regions and scripts

"#]]);
    assert_data_eq!(findings("MODEL a\nLANGUAGE yue\nLANGUAGE xx\nLANGUAGE English"), str![[r#"
error: the language `yue` has no two-letter code
 --> Modelfile:2:10
  |
2 | LANGUAGE yue
  |          ^^^ expected an ISO 639-1 code: two lower-case letters
  |
  = help: the ModelPack config knows ISO 639-1 codes only; say it in `DESCRIPTION`

error: unknown language `xx`
 --> Modelfile:3:10
  |
3 | LANGUAGE xx
  |          ^^ expected an ISO 639-1 code: two lower-case letters
  |
  = help: write it as in `LANGUAGE en`, one line for each

error: unknown language `English`
 --> Modelfile:4:10
  |
4 | LANGUAGE English
  |          ^^^^^^^ expected an ISO 639-1 code: two lower-case letters
  |
  = help: write it as in `LANGUAGE en`, one line for each

"#]]);
}

#[test]
fn cutoffs_are_rfc_3339() {
    let cutoff = |value: &str| {
        parsed(&format!("MODEL a\nCUTOFF {value}"))
            .0
            .knowledge_cutoff
            .unwrap()
            .value
    };
    assert_eq!(cutoff("2024-06-01t12:30:00.5+02:00"), "2024-06-01T12:30:00.5+02:00");
    assert_eq!(cutoff("2024-02-29"), "2024-02-29T00:00:00Z");
    assert_data_eq!(findings("MODEL a\nCUTOFF 2024-06-01"), str![[r#"
note: `2024-06-01` is taken as `2024-06-01T00:00:00Z`
 --> Modelfile:2:8
  |
2 | CUTOFF 2024-06-01
  |        ^^^^^^^^^^

"#]]);
    for (written, hint) in [
        ("2024-06", "state a day: `CUTOFF 2024-06-01`"),
        ("2024-13", "write it as in"),
        ("2023-02-29", "write it as in"),
        ("2024-06-01T00:00:00", "did you mean `2024-06-01T00:00:00Z`?"),
        ("\"2024-06-01 00:00:00\"", "did you mean `2024-06-01T00:00:00Z`?"),
        ("2024-06-01T25:00:00Z", "write it as in"),
        ("2024-06-01T00:00:00.Z", "write it as in"),
        ("2024-06-01T00:00:00Z[UTC]", "write it as in"),
        ("2024-06-01T00:00:00+0200", "write it as in"),
        ("yesterday", "write it as in"),
    ] {
        let shown = findings(&format!("MODEL a\nCUTOFF {written}"));
        assert!(shown.starts_with("error: ") && shown.contains(hint), "{shown}");
    }
    assert_data_eq!(findings("MODEL a\nCUTOFF \"June 2024\""), str![[r#"
error: `June 2024` is not a date
 --> Modelfile:2:8
  |
2 | CUTOFF "June 2024"
  |        ^^^^^^^^^^^ expected a date and time as RFC 3339 has them
  |
  = help: write it as in `CUTOFF 2024-06-01T00:00:00Z`, or the day alone: `CUTOFF 2024-06-01`

"#]]);
}

#[test]
fn modalities_and_capabilities_are_closed_lists() {
    assert_data_eq!(
        findings("MODEL a\nINPUT Text\nINPUT text\nOUTPUT speech\nOUTPUT vidoe"),
        str![[r#"
note: `Text` is taken as `text`
 --> Modelfile:2:7
  |
2 | INPUT Text
  |       ^^^^

warning: this is stated already
 --> Modelfile:3:7
  |
2 | INPUT Text
  |       ---- stated first
3 | INPUT text
  |       ^^^^ stated again

error: unknown modality `speech`
 --> Modelfile:4:8
  |
4 | OUTPUT speech
  |        ^^^^^^ expected `text`, `image`, `audio`, `video`, `embedding` or `other`
  |
  = help: what is none of these is `other`

error: unknown modality `vidoe`
 --> Modelfile:5:8
  |
5 | OUTPUT vidoe
  |        ^^^^^ expected `text`, `image`, `audio`, `video`, `embedding` or `other`
  |
  = help: did you mean `video`?

"#]]
    );
    assert_data_eq!(
        findings("MODEL a\nCAPABILITY toolUsage\nCAPABILITY vision\nCAPABILITY rewards"),
        str![[r#"
note: `toolUsage` is taken as `tools`
 --> Modelfile:2:12
  |
2 | CAPABILITY toolUsage
  |            ^^^^^^^^^

error: unknown capability `vision`
 --> Modelfile:3:12
  |
3 | CAPABILITY vision
  |            ^^^^^^ expected `reasoning`, `tools` or `reward`
  |
  = help: what a model takes and gives is said with `INPUT` and `OUTPUT`

error: unknown capability `rewards`
 --> Modelfile:4:12
  |
4 | CAPABILITY rewards
  |            ^^^^^^^ expected `reasoning`, `tools` or `reward`
  |
  = help: did you mean `reward`?

"#]]
    );
}

#[test]
fn context_sizes_are_plain_numbers() {
    let context = |value: &str| {
        parsed(&format!("MODEL a\nCONTEXT {value}"))
            .0
            .context_size
            .unwrap()
            .value
    };
    assert_eq!((context("1"), context("2147483647")), (1, 2_147_483_647));
    for (written, hint) in [
        ("8k", "did you mean `8192`?"),
        ("128K", "did you mean `131072`?"),
        ("1m", "did you mean `1048576`?"),
        ("8,192", "did you mean `8192`?"),
        ("\"8192 tokens\"", "did you mean `8192`?"),
        ("-1", "write it as in `CONTEXT 8192`"),
        ("0", "leave the line out"),
        ("2147483648", "expected 2147483647 at most"),
        ("99999999999999999999", "expected 2147483647 at most"),
    ] {
        let shown = findings(&format!("MODEL a\nCONTEXT {written}"));
        assert!(shown.starts_with("error: ") && shown.contains(hint), "{shown}");
    }
    assert_data_eq!(findings("MODEL a\nCONTEXT 8k"), str![[r#"
error: `8k` is not a number of tokens
 --> Modelfile:2:9
  |
2 | CONTEXT 8k
  |         ^^ expected digits only
  |
  = help: did you mean `8192`?

"#]]);
}

#[test]
fn annotation_keys_are_unique_and_have_no_blanks() {
    assert_data_eq!(
        findings("MODEL a\nANNOTATION a b\nANNOTATION a c\nANNOTATION \"a b\" c"),
        str![[r#"
error: the annotation `a` is stated twice
 --> Modelfile:3:12
  |
2 | ANNOTATION a b
  |            - stated first
3 | ANNOTATION a c
  |            ^ stated again
  |
  = help: keep one of them

error: the annotation key `a b` holds white space
 --> Modelfile:4:12
  |
4 | ANNOTATION "a b" c
  |            ^^^^^
  |
  = help: keys look like `org.example.team`; the value may hold blanks

"#]]
    );
}

#[test]
fn an_ollama_modelfile_is_told_apart() {
    let text = r#"# a comment
FROM ./llama.Q4_0.gguf
PARAMETER temperature 0.7
PARAMETER stop "<|end|>"
TEMPLATE """{{ .System }}
MODEL is a word of the template
{{ .Prompt }}"""
SYSTEM You are a pirate.
LICENSE """
Free for all.
"""
ADAPTER ./lora.gguf
MESSAGE user Hi
"#;
    assert_data_eq!(findings(text), str![[r#"
error: this is an Ollama Modelfile, which is another language
 --> Modelfile:2:1
  |
2 | FROM ./llama.Q4_0.gguf
  | ^^^^ Ollama's keyword
  |
  = help: `FROM`: write `MODEL llama.Q4_0.gguf`
  = help: `PARAMETER`: no counterpart; sampling is set where the model runs
  = help: `TEMPLATE`: save the template, written in Jinja, as a file and write `TEMPLATE template.jinja`
  = help: `SYSTEM`: no counterpart; the system prompt is set where the model runs
  = help: `LICENSE`: save the text as a file and write `DOC LICENSE`, then `LICENSE` with its SPDX name
  = help: `ADAPTER`: not supported yet; merge the adapter into the weights
  = help: `MESSAGE`: no counterpart; the conversation is kept where the model runs

"#]]);
    assert_data_eq!(findings("from llama3\nsystem be nice"), str![[r#"
error: this is an Ollama Modelfile, which is another language
 --> Modelfile:1:1
  |
1 | from llama3
  | ^^^^ Ollama's keyword
  |
  = help: `FROM`: `llama3` is a model of Ollama's; name the weight files, as in `MODEL *.gguf`
  = help: `SYSTEM`: no counterpart; the system prompt is set where the model runs

"#]]);
}

#[test]
fn a_stray_keyword_of_ollama_does_not_make_a_modelfile_ollamas() {
    for text in [
        "FROM x\nMODEL a",
        "NAME a\nFROM x",
        "PARAMETER a b\nDOC a",
        "TEMPLATE a.jinja\nLICENSE MIT",
        "TEMPLATE \"\"\"\nMODEL a",
        "NAME a\nDESCRIPTION \"\"\"x\"\"\"\nMODEL a",
    ] {
        let shown = findings(text);
        assert!(!shown.contains("this is an Ollama Modelfile"), "{shown}");
    }
}

#[test]
fn modctl_example_builds_without_a_word() {
    stated(
        "# Generated by modctl\n\nNAME gemma-2b\nARCH transformer\nFAMILY gemma\nFORMAT safetensors\nPARAMSIZE 16B\n\
         PRECISION bfloat16\nQUANTIZATION awq\nCONFIG config.json\nCONFIG \"tokenizer config.json\"\n\
         MODEL \\.safetensors\nMODEL *.safetensors\nCODE *.py\nDOC *.md\nDATASET *.csv\n",
    );
}

#[test]
fn what_modctl_passes_on_is_never_an_error() {
    for line in [
        "PRECISION int4",
        "PRECISION Q4_0",
        "PARAMSIZE 7",
        "PARAMSIZE \"1.5 B\"",
        "FORMAT GGUF",
        "ARCH ?",
    ] {
        let (_, findings) = parsed(&format!("MODEL a\n{line}"));
        assert!(findings.0.iter().all(|finding| finding.severity < Severity::Error));
    }
}

#[test]
fn examples_of_the_reference_parse() {
    let reference = fs_err::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/modelfile.md")).unwrap();
    let blocks: Vec<&str> = reference
        .split("```modelfile\n")
        .skip(1)
        .map(|block| block.split("```").next().unwrap())
        .collect();
    assert!(blocks.len() >= 4);
    for block in blocks {
        let text = if block.contains("MODEL ") {
            block.to_owned()
        } else {
            format!("{block}MODEL a\n")
        };
        let (_, findings) = parsed(&text);
        assert!(!findings.fails_strict(), "{}", findings.render(&source(&text), false));
    }
    // Every row of the tables, too.
    let examples = reference
        .lines()
        .filter_map(|line| line.split('|').nth(3))
        .map(|cell| cell.trim().trim_matches('`'));
    let lines: Vec<&str> = examples
        .filter(|cell| cell.split(' ').next().is_some_and(is_keyword))
        .collect();
    assert_eq!(lines.len(), 24);
    stated(&format!(
        "{}\nMODEL a",
        lines.join("\n").replace("2024-06-01", "2024-06-01T00:00:00Z")
    ));
}

fn is_keyword(word: &str) -> bool {
    word.len() > 2 && word.chars().all(|character| character.is_ascii_uppercase())
}

/// The error and its hint for what `Source::read` makes of `path`, the directory's own name taken out.
fn unread(path: &Path) -> String {
    let error = Source::read(path).unwrap_err();
    let parent = path.parent().unwrap().display().to_string();
    format!("{error}\n{}\n", error.help()).replace(&parent, "[DIR]")
}

#[test]
fn what_cannot_be_read_is_said_at_once() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let with = |name: &str, bytes: &[u8]| {
        fs_err::write(at(name), bytes).unwrap();
        unread(&at(name))
    };
    assert_data_eq!(unread(&at("Missing")), str![[r#"
there is no Modelfile at `[DIR]/Missing`
write one that names the model's files, such as `MODEL *.gguf`, or name another file with `-f`

"#]]);
    std::os::unix::fs::symlink("nowhere", at("Dangling")).unwrap();
    assert_data_eq!(unread(&at("Dangling")), str![[r#"
`[DIR]/Dangling` is a symlink, and there is no file where it points to
mend the symlink, or name another file with `-f`

"#]]);
    fs_err::create_dir(at("Directory")).unwrap();
    assert_data_eq!(unread(&at("Directory")), str![[r#"
`[DIR]/Directory` is a directory, not a Modelfile
name the file in it; a context directory is given without `-f`

"#]]);
    rustix::fs::mknodat(rustix::fs::CWD, at("Fifo"), rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
    assert_data_eq!(unread(&at("Fifo")), str![[r#"
`[DIR]/Fifo` is a FIFO, not a regular file
name a regular file, or give the text on stdin with `-f -`

"#]]);
    let _socket = std::os::unix::net::UnixListener::bind(at("Socket")).unwrap();
    assert_data_eq!(unread(&at("Socket")), str![[r#"
`[DIR]/Socket` is a socket, not a regular file
name a regular file, or give the text on stdin with `-f -`

"#]]);
    assert_data_eq!(unread(Path::new("/dev/null")), str![[r#"
`[DIR]/null` is a device, not a regular file
name a regular file, or give the text on stdin with `-f -`

"#]]);
    assert_data_eq!(with("Latin1", b"\xef\xbb\xbfNAME a\nMODEL \xc3\xa9\xe9"), str![[r#"
`[DIR]/Latin1` is not UTF-8: line 2, column 8 holds the byte 0xe9
save the file as UTF-8

"#]]);
    assert_data_eq!(with("Binary", b"GGUF\x03\0\0\0\xff"), str![[r#"
`[DIR]/Binary` looks like a binary file: it is not UTF-8 (line 1, column 9) and has NUL bytes
a Modelfile is a text that names the files; save UTF-16 text as UTF-8

"#]]);
    // A sparse file: 100 MB that take no room and no time.
    fs_err::File::create(at("Large")).unwrap().set_len(100_000_000).unwrap();
    assert_data_eq!(unread(&at("Large")), str![[r#"
`[DIR]/Large` is 100000000 bytes long; a Modelfile may have 4194304 bytes at most
is this a weight file? a Modelfile is a short text that names the files

"#]]);
    assert_data_eq!(unread(&at("Latin1").join("Modelfile")), str![[r#"
there is no Modelfile at `[DIR]/Modelfile`
write one that names the model's files, such as `MODEL *.gguf`, or name another file with `-f`

"#]]);
}

#[test]
fn stdin_is_read_up_to_the_limit() {
    let source = Source::read_stdin(Cursor::new("MODEL a")).unwrap();
    assert_eq!((source.name.as_str(), source.text.as_str()), ("<stdin>", "MODEL a"));
    assert_eq!(
        Source::read_stdin(Cursor::new(vec![b'#'; 4 << 20])).unwrap().text.len(),
        4 << 20
    );
    // An endless stream ends in an error.
    let error = Source::read_stdin(std::io::repeat(b'#')).unwrap_err();
    assert_data_eq!(error.to_string(), str!["`<stdin>` is too large; a Modelfile may have 4194304 bytes at most"]);
    let error = Source::read_stdin(Cursor::new(b"a\n\xff")).unwrap_err();
    assert_data_eq!(error.to_string(), str!["`<stdin>` is not UTF-8: line 2, column 1 holds the byte 0xff"]);
}

/// Text with what the language treats specially in it more often than chance would have it.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "MODEL ", "NAME ", "TEMPLATE ", "LICENSE ", "FROM ", "PRECISION ", "PARAMSIZE ", "CUTOFF ", "CONTEXT ", "\"\"\"",
            "\"", "\\", "\n", "\r\n", "\t", " ", "#", "\u{feff}", "\u{a0}", "\u{2028}", "\0", "é", "日本", "(", "+", ",", "8k",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "[a-zA-Z0-9._-]{0,200}",
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// A word in quotes, with backslashes, or both.
fn written(word: &str, style: u8) -> String {
    let escape = |character: char| format!("\\{character}");
    match style {
        0 => word.chars().map(escape).collect(),
        1 => format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\"")),
        _ => {
            let middle = word
                .char_indices()
                .nth(word.chars().count() / 2)
                .map_or(0, |(index, _)| index);
            let (left, right) = word.split_at(middle);
            written(left, 0) + &written(right, 1)
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read_and_findings_point_into_it(text in any_text()) {
        let source = source(&text);
        let findings = match Modelfile::parse(&source) {
            Ok((modelfile, findings)) => {
                for rule in &modelfile.paths {
                    prop_assert!(text.get(rule.pattern.span.range()).is_some());
                }
                findings
            }
            Err(findings) => {
                prop_assert!(findings.has_errors());
                findings
            }
        };
        let mut places: Vec<Span> = Vec::new();
        for finding in &findings.0 {
            places.push(finding.primary.0);
            for span in finding.secondary.iter().map(|(span, _)| span).chain([&finding.primary.0]) {
                prop_assert!(text.get(span.range()).is_some(), "{span:?}");
            }
        }
        prop_assert!(places.is_sorted_by_key(|span| span.start));
        let shown = findings.render(&source, false);
        prop_assert!(!shown.chars().any(|character| character.is_control() && character != '\n'), "{shown:?}");
        // The place that is named is the place that is meant.
        if let [finding] = findings.0.as_slice() {
            let place = finding.primary.0;
            let named = format!("--> Modelfile:{}:{}\n", source.line(place), source.column(place));
            prop_assert!(shown.contains(&named), "{shown}{named}");
        }
    }

    #[test]
    fn words_are_read_back_as_they_were_meant(
        words in prop::collection::vec(("[ -~é日\t\"\\\\#*]{1,12}", 0..3u8), 1..6),
    ) {
        // A tab or blank at the end of a line is trimmed with its backslash left over, so a plain word follows.
        let line: Vec<String> = words.iter().map(|(word, style)| written(word, *style)).collect();
        let text = format!("MODEL {} end", line.join(" "));
        let read: Vec<String> = stated(&text).paths.iter().map(|rule| rule.pattern.value.text()).collect();
        let mut meant: Vec<String> = words.into_iter().map(|(word, _)| word).collect();
        meant.push("end".to_owned());
        prop_assert_eq!(read, meant);
    }

    #[test]
    fn a_word_without_quotes_is_not_literal(word in "[a-z*?.{},/-]{1,20}") {
        let modelfile = stated(&format!("MODEL {word}"));
        let chars = modelfile.paths[0].pattern.value.chars().to_vec();
        prop_assert!(chars.iter().all(|(_, literal)| !literal));
    }
}
