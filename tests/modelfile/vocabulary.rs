use modelbuild::modelfile::Severity;
use snapbox::str;

use super::{findings, parsed, says};

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
    says(
        "MODEL a\nPRECISION bf16",
        str![[r#"
note: `bf16` is taken as `bfloat16`
 --> Modelfile:2:11
  |
2 | PRECISION bf16
  |           ^^^^

"#]],
    );
    says(
        "MODEL a\nPRECISION Q4_0",
        str![[r#"
warning: `Q4_0` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION Q4_0
  |           ^^^^ kept as it stands
  |
  = help: a quantization has a keyword of its own: `QUANTIZATION Q4_0`

"#]],
    );
    says(
        "MODEL a\nPRECISION fp8",
        str![[r#"
warning: `fp8` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION fp8
  |           ^^^ kept as it stands
  |
  = help: say which of the two: `float8_e4m3` or `float8_e5m2`

"#]],
    );
    says(
        "MODEL a\nPRECISION \"blfoat16,,x\"",
        str![[r#"
warning: `blfoat16` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION "blfoat16,,x"
  |           ^^^^^^^^^^^^^ kept as it stands
  |
  = help: did you mean `bfloat16`?

warning: an empty name among the precisions
 --> Modelfile:2:11
  |
2 | PRECISION "blfoat16,,x"
  |           ^^^^^^^^^^^^^ kept as it stands
  |
  = help: one comma stands between two names

warning: `x` is not a precision of the vocabulary
 --> Modelfile:2:11
  |
2 | PRECISION "blfoat16,,x"
  |           ^^^^^^^^^^^^^ kept as it stands
  |
  = help: the precisions are float32, float64, float16, bfloat16, float8_e4m3, float8_e5m2, complex32, complex64, complex128, int8, int16, int32, int64, uint8, uint16, uint32, uint64, bool; commas between several

"#]],
    );
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
    assert_eq!(size("1.23456b"), "1.23456B");
    for (written, hint) in [
        ("7", "did you mean `7B`?"),
        ("\"1.5 B\"", "did you mean `1.5B`?"),
        ("1,5B", "did you mean `1.5B`?"),
        ("\"0,5 billion\"", "did you mean `0.5B`?"),
        ("1,500M", "did you mean `1500M`?"),
        ("7,000,000,000", "did you mean `7B`?"),
        ("\"7 billion\"", "did you mean `7B`?"),
        ("7_000_000_000", "did you mean `7B`?"),
        ("361820000", "did you mean `361820K`?"),
        ("large", "write it as in `PARAMSIZE 8B`"),
        (".5B", "write it as in `PARAMSIZE 8B`"),
        ("1.23456B", "did you mean `1.2B`?"),
        ("1.96b", "did you mean `2B`?"),
        ("0.494B", "did you mean `494M`?"),
        ("0.06K", "did you mean `0.1K`?"),
        ("\"1.55 billion\"", "did you mean `1.6B`?"),
    ] {
        let shown = findings(&format!("MODEL a\nPARAMSIZE {written}"));
        assert!(shown.starts_with("warning: ") && shown.contains(hint), "{shown}");
    }
    says(
        "MODEL a\nPARAMSIZE 8b",
        str![[r#"
note: `8b` is taken as `8B`
 --> Modelfile:2:11
  |
2 | PARAMSIZE 8b
  |           ^^

"#]],
    );
    says(
        "MODEL a\nPARAMSIZE 1.23456B",
        str![[r#"
warning: `1.23456B` has more than one decimal
 --> Modelfile:2:11
  |
2 | PARAMSIZE 1.23456B
  |           ^^^^^^^^ kept as it stands
  |
  = help: did you mean `1.2B`?

"#]],
    );
    says(
        "MODEL a\nPARAMSIZE 8X",
        str![[r#"
warning: `8X` is not a parameter count
 --> Modelfile:2:11
  |
2 | PARAMSIZE 8X
  |           ^^ expected a count and one of the units K, M, B, T, Q
  |
  = help: write it as in `PARAMSIZE 8B`; it is kept as it stands

"#]],
    );
}

#[test]
fn formats_are_lower_case() {
    assert_eq!(parsed("MODEL a\nFORMAT GGUF").0.format.unwrap().value, "gguf");
    says(
        "MODEL a\nFORMAT GGUF",
        str![[r#"
note: `GGUF` is taken as `gguf`
 --> Modelfile:2:8
  |
2 | FORMAT GGUF
  |        ^^^^

"#]],
    );
}

#[test]
fn modalities_and_capabilities_are_closed_lists() {
    says(
        "MODEL a\nINPUT Text\nINPUT text\nOUTPUT speech\nOUTPUT vidoe",
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

"#]],
    );
    says(
        "MODEL a\nCAPABILITY toolUsage\nCAPABILITY vision\nCAPABILITY rewards",
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

"#]],
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
    says(
        "MODEL a\nCONTEXT 8k",
        str![[r#"
error: `8k` is not a number of tokens
 --> Modelfile:2:9
  |
2 | CONTEXT 8k
  |         ^^ expected digits only
  |
  = help: did you mean `8192`?

"#]],
    );
}

#[test]
fn annotation_keys_are_unique_and_have_no_blanks() {
    says(
        "MODEL a\nANNOTATION a b\nANNOTATION a c\nANNOTATION \"a b\" c",
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

"#]],
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
fn what_is_stated_twice_in_a_list_is_there_once() {
    let twice =
        "MODEL a\nAUTHOR Ada\nAUTHOR Ada\nLICENSE mit\nLICENSE MIT\nDATASETURL https://a/b\nDATASETURL https://a/b";
    let (modelfile, _) = parsed(twice);
    assert_eq!(modelfile.authors.len(), 1);
    assert_eq!(modelfile.licenses.len(), 1);
    assert_eq!(modelfile.dataset_urls.len(), 1);
    says(
        twice,
        str![[r#"
warning: this is stated already
 --> Modelfile:3:8
  |
2 | AUTHOR Ada
  |        --- stated first
3 | AUTHOR Ada
  |        ^^^ stated again

note: `mit` is taken as `MIT`
 --> Modelfile:4:9
  |
4 | LICENSE mit
  |         ^^^

warning: this is stated already
 --> Modelfile:5:9
  |
4 | LICENSE mit
  |         --- stated first
5 | LICENSE MIT
  |         ^^^ stated again

warning: this is stated already
 --> Modelfile:7:12
  |
6 | DATASETURL https://a/b
  |            ----------- stated first
7 | DATASETURL https://a/b
  |            ^^^^^^^^^^^ stated again

"#]],
    );
}
