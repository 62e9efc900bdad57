use snapbox::str;

use super::{findings, says};

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
    says(
        text,
        str![[r#"
error: this is an Ollama Modelfile, which is another language
 --> Modelfile:2:1
  |
2 | FROM ./llama.Q4_0.gguf
  | ^^^^ Ollama's keyword
  |
  = help: `FROM`: write `MODEL llama.Q4_0.gguf`
  = help: `PARAMETER`: no counterpart here; sampling is set where the model runs
  = help: `TEMPLATE`: save the template, written in Jinja, as a file and write `TEMPLATE template.jinja`
  = help: `SYSTEM`: no counterpart here; the system prompt is set where the model runs
  = help: `LICENSE`: save the text as a file and write `DOC LICENSE`, then `LICENSE` with its SPDX name
  = help: `ADAPTER`: not supported yet; merge the adapter into the weights
  = help: `MESSAGE`: no counterpart here; the conversation is kept where the model runs

"#]],
    );
    says(
        "from llama3\nsystem be nice",
        str![[r#"
error: this is an Ollama Modelfile, which is another language
 --> Modelfile:2:1
  |
2 | system be nice
  | ^^^^^^ Ollama's keyword
  |
  = help: `FROM`: `llama3` is a model of Ollama's; name the weight files, as in `MODEL *.gguf`
  = help: `SYSTEM`: no counterpart here; the system prompt is set where the model runs

"#]],
    );
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

/// What is suggested has to work here: nothing outside of the context can be named, and blanks want quotes.
#[test]
fn the_lines_suggested_are_lines_of_ours() {
    for (from, help) in [
        ("./sub/x.gguf", "write `MODEL sub/x.gguf`"),
        ("\"./my model.gguf\"", "write `MODEL \"my model.gguf\"`"),
        ("./my model.gguf", "write `MODEL \"my model.gguf\"`"),
        ("./m[1].gguf", "write `MODEL \"m[1].gguf\"`"),
        ("/models/x.gguf", "copy or hard-link it there and write `MODEL x.gguf`"),
        (
            "../x y.gguf",
            "copy or hard-link it there and write `MODEL \"x y.gguf\"`",
        ),
        ("~/models/", "copy or hard-link it there and write `MODEL models`"),
        ("..", "copy or hard-link it there and write `MODEL *.gguf`"),
    ] {
        let shown = findings(&format!("FROM {from}\nSYSTEM x"));
        assert!(shown.contains(help), "{from}\n{shown}");
    }
}
