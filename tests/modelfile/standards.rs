//! Values that a standard spells: SPDX, ISO 639, RFC 3339, URLs.

use snapbox::str;

use super::{findings, parsed, says, stated};

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
    assert_eq!(
        license("(mit or apache-2.0) And gpl-2.0-only with classpath-exception-2.0"),
        "(MIT OR Apache-2.0) AND GPL-2.0-only WITH Classpath-exception-2.0"
    );
    says(
        "MODEL a\nLICENSE mit",
        str![[r#"
note: `mit` is taken as `MIT`
 --> Modelfile:2:9
  |
2 | LICENSE mit
  |         ^^^

"#]],
    );
    says(
        "MODEL a\nLICENSE gpl-3.0",
        str![[r#"
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

"#]],
    );
    says(
        "MODEL a\nLICENSE apache2\nLICENSE \"GPL v3\"\nLICENSE llama3",
        str![[r#"
error: `apache2` is not an SPDX licence expression
 --> Modelfile:2:9
  |
2 | LICENSE apache2
  |         ^^^^^^^ SPDX lists no `apache2`
  |
  = help: did you mean `Apache-2.0`?

error: `GPL v3` is not an SPDX licence expression
 --> Modelfile:3:9
  |
3 | LICENSE "GPL v3"
  |         ^^^^^^^^ SPDX lists no `GPL`
  |
  = help: did you mean `GPL-3.0-only`?

error: `llama3` is not an SPDX licence expression
 --> Modelfile:4:9
  |
4 | LICENSE llama3
  |         ^^^^^^ SPDX lists no `llama3`
  |
  = help: a licence that SPDX does not list is written `LicenseRef-llama3`

"#]],
    );
    says(
        "MODEL a\nLICENSE \"(MIT OR\"\nLICENSE GPL-3.0-only+\nLICENSE \"MIT, Zlib\"",
        str![[r#"
error: `(MIT OR` is not an SPDX licence expression
 --> Modelfile:2:9
  |
2 | LICENSE "(MIT OR"
  |         ^^^^^^^^^ expected one of `<license>`, `(` here
  |
  = help: write it as in `LICENSE Apache-2.0` or `LICENSE "MIT OR Apache-2.0"`

error: `GPL-3.0-only+` is not an SPDX licence expression
 --> Modelfile:3:9
  |
3 | LICENSE GPL-3.0-only+
  |         ^^^^^^^^^^^^^ a GNU license was followed by a `+`
  |
  = help: write `-or-later` in place of `+`

error: `MIT, Zlib` is not an SPDX licence expression
 --> Modelfile:4:9
  |
4 | LICENSE "MIT, Zlib"
  |         ^^^^^^^^^^^ names are joined with `AND` or `OR`
  |
  = help: write it as in `LICENSE "MIT OR Apache-2.0"`, or give each licence a line of its own

"#]],
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
    assert_eq!((language("ger"), language("CHI")), ("de".into(), "zh".into()));
    says(
        "MODEL a\nLANGUAGE iw\nLANGUAGE in-ID",
        str![[r#"
note: `iw` is taken as `he`
 --> Modelfile:2:10
  |
2 | LANGUAGE iw
  |          ^^
  |
  = help: `iw` is an old code, withdrawn from ISO 639-1

note: `in-ID` is taken as `id`
 --> Modelfile:3:10
  |
3 | LANGUAGE in-ID
  |          ^^^^^
  |
  = help: `in` is an old code, withdrawn from ISO 639-1
  = help: the ModelPack config has no room for regions and scripts

"#]],
    );
    says(
        "MODEL a\nLANGUAGE en-US",
        str![[r#"
note: `en-US` is taken as `en`
 --> Modelfile:2:10
  |
2 | LANGUAGE en-US
  |          ^^^^^
  |
  = help: the ModelPack config has no room for regions and scripts

"#]],
    );
    says(
        "MODEL a\nLANGUAGE yue\nLANGUAGE xx\nLANGUAGE English",
        str![[r#"
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
  |          ^^ ISO 639-1 gives this code to no language
  |
  = help: write it as in `LANGUAGE en`, one line for each

error: unknown language `English`
 --> Modelfile:4:10
  |
4 | LANGUAGE English
  |          ^^^^^^^ expected an ISO 639-1 code: two lower-case letters
  |
  = help: write it as in `LANGUAGE en`, one line for each

"#]],
    );
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
    for latest in ["9999-12-31T23:59:59Z", "9999-12-31T23:59:59.999999999-23:59"] {
        assert_eq!(cutoff(latest), latest);
    }
    says(
        "MODEL a\nCUTOFF 2024-06-01",
        str![[r#"
note: `2024-06-01` is taken as `2024-06-01T00:00:00Z`
 --> Modelfile:2:8
  |
2 | CUTOFF 2024-06-01
  |        ^^^^^^^^^^

"#]],
    );
    for (written, hint) in [
        ("2024-06", "state a day: `CUTOFF 2024-06-01`"),
        ("2024-13", "write it as in"),
        ("2023-02-29", "write it as in"),
        ("2024-06-01T00:00:00", "did you mean `2024-06-01T00:00:00Z`?"),
        ("\"2024-06-01 00:00:00\"", "did you mean `2024-06-01T00:00:00Z`?"),
        ("2024-06-01T25:00:00Z", "write it as in"),
        ("2024-06-30T12:34:60Z", "did you mean `2024-06-30T12:34:59Z`?"),
        ("2016-12-31T23:59:60Z", "did you mean `2016-12-31T23:59:59Z`?"),
        ("\"2016-12-31 23:59:60\"", "did you mean `2016-12-31T23:59:59Z`?"),
        ("2024-06-01T00:00:00.Z", "write it as in"),
        ("2024-06-01T00:00:00Z[UTC]", "write it as in"),
        ("2024-06-01T00:00:00+0200", "write it as in"),
        ("yesterday", "write it as in"),
    ] {
        let shown = findings(&format!("MODEL a\nCUTOFF {written}"));
        assert!(shown.starts_with("error: ") && shown.contains(hint), "{shown}");
    }
    says(
        "MODEL a\nCUTOFF 2024-06-30T12:34:60Z",
        str![[r#"
error: `2024-06-30T12:34:60Z` is not a date
 --> Modelfile:2:8
  |
2 | CUTOFF 2024-06-30T12:34:60Z
  |        ^^^^^^^^^^^^^^^^^^^^ readers of the artifact refuse the second 60
  |
  = help: did you mean `2024-06-30T12:34:59Z`?

"#]],
    );
    says(
        "MODEL a\nCUTOFF \"June 2024\"",
        str![[r#"
error: `June 2024` is not a date
 --> Modelfile:2:8
  |
2 | CUTOFF "June 2024"
  |        ^^^^^^^^^^^ expected a date and time as RFC 3339 has them
  |
  = help: write it as in `CUTOFF 2024-06-01T00:00:00Z`, or the day alone: `CUTOFF 2024-06-01`

"#]],
    );
}

#[test]
fn urls_have_a_scheme() {
    for good in [
        "https://example.org/docs",
        "doi:10.5281/zenodo.1",
        "git+ssh://example.org/x",
    ] {
        stated(&format!("MODEL a\nDOCURL {good}\nSOURCEURL {good}\nDATASETURL {good}"));
    }
    assert_eq!(parsed("MODEL a\nDOCURL foo").0.doc_url.unwrap().value, "foo");
    says(
        "MODEL a\nDOCURL foo\nSOURCEURL example.org/x\nDATASETURL https://",
        str![[r#"
warning: `foo` is not a URL
 --> Modelfile:2:8
  |
2 | DOCURL foo
  |        ^^^ expected an address with its scheme
  |
  = help: write it as in `https://example.org/docs`; it is kept as it stands

warning: `example.org/x` is not a URL
 --> Modelfile:3:11
  |
3 | SOURCEURL example.org/x
  |           ^^^^^^^^^^^^^ expected an address with its scheme
  |
  = help: write it as in `https://example.org/docs`; it is kept as it stands

warning: `https://` is not a URL
 --> Modelfile:4:12
  |
4 | DATASETURL https://
  |            ^^^^^^^^ expected an address with its scheme
  |
  = help: write it as in `https://example.org/docs`; it is kept as it stands

"#]],
    );
}
