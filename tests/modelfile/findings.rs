use snapbox::str;

use super::says;

#[test]
fn every_bad_line_is_reported_in_one_run() {
    says(
        "MODELS a.gguf\nNAME\nNAME b\nINPUT txt\nMODEL \"a\nPRECISION bf61\nMODEL b.gguf",
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
  = help: close it on the same line, or write `\"` for the character itself

warning: `bf61` is not a precision of the vocabulary
 --> Modelfile:6:11
  |
6 | PRECISION bf61
  |           ^^^^ kept as it stands
  |
  = help: did you mean `bf16`?

"#]],
    );
}

#[test]
fn an_empty_modelfile_states_no_file() {
    says(
        "",
        str![[r#"
error: the Modelfile is empty
 --> Modelfile:1:1
  |
1 |
  | ^ no keyword to be found
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`

"#]],
    );
    says(
        "# only this\n\n",
        str![[r#"
error: the Modelfile states no file
 --> Modelfile:1:12
  |
1 | # only this
  |            ^ no line up to here names one
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`

"#]],
    );
    says(
        "NAME a\nARCH b\n\n",
        str![[r#"
error: the Modelfile states no file
 --> Modelfile:2:7
  |
2 | ARCH b
  |       ^ no line up to here names one
  |
  = help: an artifact needs at least one file: add a line such as `MODEL *.gguf` or `MODEL *.safetensors`

"#]],
    );
}

#[test]
fn unknown_keywords_get_the_nearest_known_one() {
    says(
        "MODLE a",
        str![[r#"
error: unknown keyword `MODLE`
 --> Modelfile:1:1
  |
1 | MODLE a
  | ^^^^^ not a keyword
  |
  = help: did you mean `MODEL`?

"#]],
    );
    says(
        "WEIGHTS a",
        str![[r#"
error: unknown keyword `WEIGHTS`
 --> Modelfile:1:1
  |
1 | WEIGHTS a
  | ^^^^^^^ not a keyword
  |
  = help: the keywords are NAME, ARCH, FAMILY, FORMAT, PARAMSIZE, PRECISION, QUANTIZATION, CONFIG, MODEL, CODE, DOC, DATASET, TEMPLATE, MMPROJ, VERSION, TITLE, DESCRIPTION, AUTHOR, VENDOR, LICENSE, DOCURL, SOURCEURL, REVISION, DATASETURL, INPUT, OUTPUT, LANGUAGE, CUTOFF, CAPABILITY, CONTEXT, ANNOTATION, ARG, FROM

"#]],
    );
    says(
        "MODEL\u{a0}a",
        str![[r#"
error: unknown keyword `MODEL a`
 --> Modelfile:1:1
  |
1 | MODEL a
  | ^^^^^^^ not a keyword
  |
  = help: it holds the space U+00A0; only plain spaces and tabs separate words

"#]],
    );
    says(
        "MODEL a\nPARAMETER temperature 1",
        str![[r#"
error: unknown keyword `PARAMETER`
 --> Modelfile:2:1
  |
2 | PARAMETER temperature 1
  | ^^^^^^^^^ not a keyword
  |
  = help: it is a keyword of Ollama's Modelfile: no counterpart here; sampling is set where the model runs

"#]],
    );
}

#[test]
fn reserved_keywords_are_not_supported_yet() {
    says(
        "MODEL a\nadapter z",
        str![[r#"
error: `ADAPTER` is not supported yet
 --> Modelfile:2:1
  |
2 | adapter z
  | ^^^^^^^ kept free for a later version
  |
  = help: no keyword takes a LoRA adapter yet; leave it out, or merge it into the weights

"#]],
    );
}

#[test]
fn a_base_stands_before_what_it_is_the_base_of() {
    says(
        "ARG x=y\n# fine\nFROM ${x}\nMODEL a\nFROM z",
        str![[r#"
error: `FROM` is stated twice
 --> Modelfile:5:1
  |
3 | FROM ${x}
  | ---- stated first
4 | MODEL a
5 | FROM z
  | ^^^^ stated again
  |
  = help: keep one of them

"#]],
    );
    says(
        "NAME a\nFROM x\nMODEL a",
        str![[r#"
error: `FROM` stands behind other lines
 --> Modelfile:2:1
  |
1 | NAME a
  | ---- stated before
2 | FROM x
  | ^^^^ what is inherited
  |
  = help: put it first; only `ARG` lines and comments may stand before it

"#]],
    );
}

#[test]
fn a_single_value_is_stated_once() {
    says(
        "NAME a\nMODEL a\nname b",
        str![[r#"
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

"#]],
    );
    says(
        "TEMPLATE a\n\n\n\n\n\n\n\n\nTEMPLATE b",
        str![[r#"
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

"#]],
    );
    let far = format!("NAME a\n{}NAME b\nMODEL a", "\n".repeat(2000));
    says(
        &far,
        str![[r#"
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

"#]],
    );
}

#[test]
fn the_number_of_words_is_checked() {
    says(
        "MODEL",
        str![[r#"
error: `MODEL` takes one path or more
 --> Modelfile:1:1
  |
1 | MODEL
  | ^^^^^ nothing follows
  |
  = help: write it as in `MODEL model.gguf`

"#]],
    );
    says(
        "MODEL a\nDESCRIPTION a small model",
        str![[r#"
error: `DESCRIPTION` takes one value
 --> Modelfile:2:15
  |
2 | DESCRIPTION a small model
  |               ^^^^^^^^^^^ 2 words too many
  |
  = help: put text with blanks in double quotes: `"a small model"`

"#]],
    );
    says(
        "MODEL a\nCONTEXT 8192 tokens",
        str![[r#"
error: `CONTEXT` takes one value
 --> Modelfile:2:14
  |
2 | CONTEXT 8192 tokens
  |              ^^^^^^ one word too many
  |
  = help: write it as in `CONTEXT 8192`

"#]],
    );
    says(
        "MODEL a\nINPUT text image",
        str![[r#"
error: `INPUT` takes one value
 --> Modelfile:2:12
  |
2 | INPUT text image
  |            ^^^^^ one word too many
  |
  = help: give each value a line of its own, as in `INPUT text`

"#]],
    );
    says(
        "TEMPLATE a b",
        str![[r#"
error: `TEMPLATE` takes one path
 --> Modelfile:1:12
  |
1 | TEMPLATE a b
  |            ^ one word too many
  |
  = help: put text with blanks in double quotes: `"a b"`

"#]],
    );
}

#[test]
fn keys_have_values_and_values_are_not_empty() {
    says(
        "MODEL a\nANNOTATION key=value\nANNOTATION k v v",
        str![[r#"
error: `ANNOTATION` takes a key and a value
 --> Modelfile:2:12
  |
2 | ANNOTATION key=value
  |            ^^^^^^^^^ nothing follows the key
  |
  = help: write it as in `ANNOTATION org.example.team research`
  = help: a blank stands between key and value, not `=`

error: `ANNOTATION` takes a key and a value
 --> Modelfile:3:16
  |
3 | ANNOTATION k v v
  |                ^ one word too many
  |
  = help: put text with blanks in double quotes: `"v v"`

"#]],
    );
    says(
        "MODEL \"\"\nNAME \"\"\nANNOTATION \"\" v",
        str![[r#"
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

"#]],
    );
}

#[test]
fn an_equals_sign_between_keyword_and_value() {
    says(
        "MODEL=w.gguf\nnAME=",
        str![[r#"
error: unknown keyword `MODEL=w.gguf`
 --> Modelfile:1:1
  |
1 | MODEL=w.gguf
  | ^^^^^^^^^^^^ not a keyword
  |
  = help: a blank stands between keyword and value, not `=`: write `MODEL w.gguf`

error: unknown keyword `nAME=`
 --> Modelfile:2:1
  |
2 | nAME=
  | ^^^^^ not a keyword
  |
  = help: a blank stands between keyword and value, not `=`: write `NAME llama-3.1-8b`

"#]],
    );
}

#[test]
fn single_quotes_are_no_quotes() {
    says(
        "MODEL a\nTITLE 'My model'",
        str![[r#"
error: `TITLE` takes one value
 --> Modelfile:2:11
  |
2 | TITLE 'My model'
  |           ^^^^^^ one word too many
  |
  = help: single quotes are ordinary characters here
  = help: put text with blanks in double quotes: `"My model"`

"#]],
    );
}
