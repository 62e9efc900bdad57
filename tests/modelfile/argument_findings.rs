//! What is said about arguments and their values.

use modelbuild::modelfile::{BuildArg, BuildArgs, Modelfile};
use snapbox::{IntoData, assert_data_eq, str};

use super::arguments::given;
use super::{findings, parsed, says, source};

fn says_with(given: &BuildArgs, text: &str, expected: impl IntoData) {
    let source = source(text);
    let findings = match Modelfile::parse(&source, given) {
        Ok((_, findings)) => findings,
        Err(partial) => partial.findings,
    };
    assert_data_eq!(findings.render(&source, false), expected.raw());
}

#[test]
fn what_only_looks_like_a_reference_is_an_error() {
    says(
        "ARG a=1\nNAME ${a-b}\nVENDOR ${\nMODEL x${} \"${a b}\" ${a ${1} ${a:-b} \"${a\"}",
        str![[r#"
error: `a-b` is not a name for an argument
 --> Modelfile:2:6
  |
2 | NAME ${a-b}
  |      ^^^^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: write `\${` for the characters themselves

error: this `${` is never closed
 --> Modelfile:3:8
  |
3 | VENDOR ${
  |        ^^ no `}` from here to the end of the word
  |
  = help: write it as in `${name}`, or `\${` for the characters themselves

error: an argument without a name
 --> Modelfile:4:8
  |
4 | MODEL x${} "${a b}" ${a ${1} ${a:-b} "${a"}
  |        ^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: write `\${` for the characters themselves

error: `a b` is not a name for an argument
 --> Modelfile:4:13
  |
4 | MODEL x${} "${a b}" ${a ${1} ${a:-b} "${a"}
  |             ^^^^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: write `\${` for the characters themselves

error: this `${` is never closed
 --> Modelfile:4:21
  |
4 | MODEL x${} "${a b}" ${a ${1} ${a:-b} "${a"}
  |                     ^^^ no `}` from here to the end of the word
  |
  = help: write it as in `${name}`, or `\${` for the characters themselves

error: `1` is not a name for an argument
 --> Modelfile:4:25
  |
4 | MODEL x${} "${a b}" ${a ${1} ${a:-b} "${a"}
  |                         ^^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: write `\${` for the characters themselves

error: `a:-b` is not a name for an argument
 --> Modelfile:4:30
  |
4 | MODEL x${} "${a b}" ${a ${1} ${a:-b} "${a"}
  |                              ^^^^^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: a default stands on the line of the `ARG`, as in `ARG a=value`
  = help: write `\${` for the characters themselves

error: `a"` is not a name for an argument
 --> Modelfile:4:39
  |
4 | MODEL x${} "${a b}" ${a ${1} ${a:-b} "${a"}
  |                                       ^^^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: write `\${` for the characters themselves

"#]],
    );
}

#[test]
fn names_that_nothing_declares_are_errors() {
    says(
        "ARG size=1\nNAME ${siez}${other}\nMODEL \"a ${SIZE}\"\nARG late=${size}${late}\nARG b=${c}\nARG c\nDOC ${b}${c}",
        str![[r#"
error: no `ARG` declares `siez`
 --> Modelfile:2:6
  |
2 | NAME ${siez}${other}
  |      ^^^^^^^ not the name of an argument
  |
  = help: did you mean `${size}`?

error: no `ARG` declares `other`
 --> Modelfile:2:13
  |
2 | NAME ${siez}${other}
  |             ^^^^^^^^ not the name of an argument
  |
  = help: declare it on a line above, as in `ARG other=value`, or write `\${other}` for the text itself

error: no `ARG` declares `SIZE`
 --> Modelfile:3:10
  |
3 | MODEL "a ${SIZE}"
  |          ^^^^^^^ not the name of an argument
  |
  = help: did you mean `${size}`?

error: `late` is used in its own default
 --> Modelfile:4:17
  |
4 | ARG late=${size}${late}
  |                 ^^^^^^^ without a value yet
  |
  = help: a default may use the arguments of the lines above

error: `c` is used before it is declared
 --> Modelfile:5:7
  |
5 | ARG b=${c}
  |       ^^^^ without a value here
6 | ARG c
  |     - declared here
  |
  = help: an `ARG` holds from its line on: move it up

error: the argument `c` has no value
 --> Modelfile:6:5
  |
6 | ARG c
  |     ^ no default, and no `--build-arg`
  |
  = help: give it one, as in `--build-arg c=value`, or a default, as in `ARG c=value`

"#]],
    );
}

#[test]
fn a_declaration_that_is_wrong_is_one_error() {
    says(
        "ARG\nARG =1\nARG 1x=2\nARG my-size=8B\nARG size = 8B\nARG a=1 b=2\nARG ${x}=1\nARG t=a b\nARG \"u v\"=1\nARG b=1\nARG b=2\nMODEL ${size} ${b}\n\
         NAME ${nobody-knows}${whether_this_is_declared}",
        str![[r#"
error: `ARG` takes one name
 --> Modelfile:1:1
  |
1 | ARG
  | ^^^ nothing follows
  |
  = help: write it as in `ARG size=8B`

error: an argument without a name
 --> Modelfile:2:5
  |
2 | ARG =1
  |     ^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: write it as in `ARG size` or `ARG size=8B`

error: `1x` is not a name for an argument
 --> Modelfile:3:5
  |
3 | ARG 1x=2
  |     ^^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: write it as in `ARG size` or `ARG size=8B`

error: `my-size` is not a name for an argument
 --> Modelfile:4:5
  |
4 | ARG my-size=8B
  |     ^^^^^^^^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: did you mean `my_size`?

error: `ARG` takes one name
 --> Modelfile:5:10
  |
5 | ARG size = 8B
  |          ^^^^ 2 words too many
  |
  = help: no blank stands beside the `=`, as in `ARG size=8B`

error: `ARG` takes one name
 --> Modelfile:6:9
  |
6 | ARG a=1 b=2
  |         ^^^ one word too many
  |
  = help: give each value a line of its own, as in `ARG size=8B`
  = help: put text with blanks in double quotes: `"a=1 b=2"`

error: `${x}` is not a name for an argument
 --> Modelfile:7:5
  |
7 | ARG ${x}=1
  |     ^^^^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: write it as in `ARG size` or `ARG size=8B`

error: `ARG` takes one name
 --> Modelfile:8:9
  |
8 | ARG t=a b
  |         ^ one word too many
  |
  = help: give each value a line of its own, as in `ARG size=8B`
  = help: put text with blanks in double quotes: `"t=a b"`

error: `u v` is not a name for an argument
 --> Modelfile:9:5
  |
9 | ARG "u v"=1
  |     ^^^^^^^ a name is made of letters, digits and `_`, no digit first
  |
  = help: did you mean `u_v`?

error: the argument `b` is declared twice
  --> Modelfile:11:5
   |
10 | ARG b=1
   |     --- declared first
11 | ARG b=2
   |     ^^^ declared again
   |
   = help: keep one of them

error: `nobody-knows` is not a name for an argument
  --> Modelfile:13:6
   |
13 | NAME ${nobody-knows}${whether_this_is_declared}
   |      ^^^^^^^^^^^^^^^ a name is made of letters, digits and `_`, no digit first
   |
   = help: write `\${` for the characters themselves

"#]],
    );
}

#[test]
fn an_argument_needs_a_value() {
    let mut args = BuildArgs::new();
    args.insert("b".to_owned(), BuildArg::Environment(None));
    says_with(
        &args,
        "ARG a\nARG b\nMODEL ${a} ${b}",
        str![[r#"
error: the argument `a` has no value
 --> Modelfile:1:5
  |
1 | ARG a
  |     ^ no default, and no `--build-arg`
  |
  = help: give it one, as in `--build-arg a=value`, or a default, as in `ARG a=value`

error: the argument `b` has no value
 --> Modelfile:2:5
  |
2 | ARG b
  |     ^ no default, and no variable of this name in the environment
  |
  = help: give it one, as in `--build-arg b=value`, or a default, as in `ARG b=value`

"#]],
    );
}

#[test]
fn what_is_given_to_no_argument_is_a_warning() {
    let mut args = given(&[("siez", "8B"), ("other", "")]);
    args.insert("UNSET".to_owned(), BuildArg::Environment(None));
    says_with(
        &args,
        "ARG size=7B\nPARAMSIZE ${size}\nMODEL a\n\n",
        str![[r#"
warning: no `ARG` takes `--build-arg other`
 --> Modelfile:3:8
  |
3 | MODEL a
  |        ^ none is declared up to here
  |
  = help: declare it with `ARG other`, or leave the option out

warning: no `ARG` takes `--build-arg siez`
 --> Modelfile:3:8
  |
3 | MODEL a
  |        ^ none is declared up to here
  |
  = help: did you mean `--build-arg size`?

"#]],
    );
    says_with(
        &given(&[("a", "")]),
        "MODEL a",
        str![[r#"
warning: no `ARG` takes `--build-arg a`
 --> Modelfile:1:8
  |
1 | MODEL a
  |        ^ none is declared up to here
  |
  = help: declare it with `ARG a`, or leave the option out

"#]],
    );
}

#[test]
fn an_argument_that_nothing_uses_is_a_note() {
    says(
        "ARG a=1\nARG b=${a}\nARG c=1\nNAME $c\nMODEL m",
        str![[r#"
note: the argument `b` is never used
 --> Modelfile:2:5
  |
2 | ARG b=${a}
  |     ^^^^^^
  |
  = help: its value is written `${b}`, with the braces

note: the argument `c` is never used
 --> Modelfile:3:5
  |
3 | ARG c=1
  |     ^^^
  |
  = help: its value is written `${c}`, with the braces

"#]],
    );
    assert!(!parsed("ARG a=1\nMODEL m").1.fails_strict());
}

#[test]
fn findings_about_values_say_where_they_come_from() {
    let mut args = given(&[("size", "8Q!")]);
    args.insert("day".to_owned(), BuildArg::Environment(Some("today".to_owned())));
    says_with(
        &args,
        "ARG size=8B\nARG day\nARG kind=${size}*\nARG empty=\nPARAMSIZE ${size}\nCUTOFF \"${day}\"\nINPUT ${kind}\n\
         LANGUAGE EN${empty}\nLANGUAGE en\nVENDOR ${empty}\nMODEL a",
        str![[r#"
warning: `8Q!` is not a parameter count
 --> Modelfile:5:11
  |
5 | PARAMSIZE ${size}
  |           ^^^^^^^ expected a count and one of the units K, M, B, T, Q
  |
  = help: write it as in `PARAMSIZE 8B`; it is kept as it stands
  = help: `${size}` is `8Q!`, from `--build-arg`

error: `today` is not a date
 --> Modelfile:6:8
  |
6 | CUTOFF "${day}"
  |        ^^^^^^^^ expected a date and time as RFC 3339 has them
  |
  = help: write it as in `CUTOFF 2024-06-01T00:00:00Z`, or the day alone: `CUTOFF 2024-06-01`
  = help: `${day}` is `today`, from the environment, as `--build-arg` asks for

error: unknown modality `8Q!*`
 --> Modelfile:7:7
  |
3 | ARG kind=${size}*
  |     ------------- `${kind}` is `8Q!*` by default
...
7 | INPUT ${kind}
  |       ^^^^^^^ expected `text`, `image`, `audio`, `video`, `embedding` or `other`
  |
  = help: what is none of these is `other`
  = help: `${size}` is `8Q!`, from `--build-arg`

note: `EN` is taken as `en`
 --> Modelfile:8:10
  |
4 | ARG empty=
  |     ------ `${empty}` is empty by default
...
8 | LANGUAGE EN${empty}
  |          ^^^^^^^^^^

warning: this is stated already
 --> Modelfile:9:10
  |
4 | ARG empty=
  |     ------ `${empty}` is empty by default
...
8 | LANGUAGE EN${empty}
  |          ---------- stated first
9 | LANGUAGE en
  |          ^^ stated again

error: an empty value for `VENDOR`
  --> Modelfile:10:8
   |
 4 | ARG empty=
   |     ------ `${empty}` is empty by default
...
10 | VENDOR ${empty}
   |        ^^^^^^^^ nothing but empty arguments
   |
   = help: leave the line out, or state something, as in `VENDOR "Example Labs"`

"#]],
    );
}

#[test]
fn a_finding_about_many_values_tells_some() {
    let lines: Vec<_> = (0..100).map(|number| format!("ARG a{number}={number}\n")).collect();
    let word: Vec<_> = (0..100).map(|number| format!("${{a{number}}}")).collect();
    let shown = findings(&format!("{}CONTEXT x{}\nMODEL a", lines.concat(), word.concat()));
    assert_eq!(shown.matches("by default").count(), 4);
}

#[test]
fn values_cannot_grow_without_bound() {
    let lines: Vec<_> = (1..40)
        .map(|number| format!("ARG a{number}=${{a{0}}}${{a{0}}}\n", number - 1))
        .collect();
    says(
        &format!("ARG a0=xxxxxxxx\n{}NAME ${{a39}}\nMODEL ${{a38}}", lines.concat()),
        str![[r#"
error: the values of arguments make the Modelfile too long
  --> Modelfile:20:9
   |
20 | ARG a19=${a18}${a18}
   |         ^^^^^^ up to here they come to more than 4194304 bytes
   |
   = help: does a default use another argument many times?

"#]],
    );
    // Nor can words of many references, each of them small.
    let uses = "DOC ${a}\n".repeat(100_000);
    let text = format!("ARG a={}\n{uses}", "x".repeat(100));
    let findings = Modelfile::parse(&source(&text), &BuildArgs::new())
        .unwrap_err()
        .findings;
    assert_eq!(findings.0.len(), 1);
}

#[test]
fn bad_references_are_counted_up_to_an_end() {
    for word in ["${", "${x}", "${x} ", "${}"] {
        let text = format!("ARG a=1\nMODEL {}${{a}}\nNAME ${{a}}", word.repeat(100_000));
        let findings = Modelfile::parse(&source(&text), &BuildArgs::new())
            .unwrap_err()
            .findings;
        assert!((1..=20).contains(&findings.0.len()), "{word}: {}", findings.0.len());
    }
}
