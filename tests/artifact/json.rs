use std::collections::BTreeMap;

use modelbuild::artifact::json::{to_string, to_vec};
use proptest::prelude::*;

/// What Go 1.22 and later print for a string, one character at a time, from `encoding/json`'s documentation.
fn go(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|character| match character {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\u{8}' => "\\b".to_owned(),
            '\u{c}' => "\\f".to_owned(),
            '\n' => "\\n".to_owned(),
            '\r' => "\\r".to_owned(),
            '\t' => "\\t".to_owned(),
            '\0'..'\u{20}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => format!("\\u{:04x}", character as u32),
            other => other.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

#[test]
fn strings_as_go_writes_them() {
    let cases = [
        ("", r#""""#),
        ("plain", r#""plain""#),
        (
            "<a href=\"x\">&</a>",
            r#""\u003ca href=\"x\"\u003e\u0026\u003c/a\u003e""#,
        ),
        ("a\\b/c", r#""a\\b/c""#),
        ("\u{8}\u{c}\n\r\t", r#""\b\f\n\r\t""#),
        ("\0\u{1}\u{b}\u{1f}", r#""\u0000\u0001\u000b\u001f""#),
        ("\u{7f}\u{80}é😀\u{feff}", "\"\u{7f}\u{80}é😀\u{feff}\""),
        ("\u{2027}\u{2028}\u{2029}\u{202a}", "\"\u{2027}\\u2028\\u2029\u{202a}\""),
    ];
    for (text, expected) in cases {
        assert_eq!(to_string(text).unwrap(), expected);
        assert_eq!(go(text), expected, "the oracle below");
    }
}

#[test]
fn keys_are_escaped_like_values() {
    let map = BTreeMap::from([("<k>", "&v"), ("a", "b")]);
    assert_eq!(to_string(&map).unwrap(), r#"{"\u003ck\u003e":"\u0026v","a":"b"}"#);
}

#[test]
fn what_is_no_json_is_an_error() {
    assert!(to_vec(&BTreeMap::from([(vec![1], 2)])).is_err());
}

proptest! {
    #[test]
    fn any_string_is_as_in_go_and_reads_back(text in "([<>&\"\\\\\u{0}-\u{20}\u{7f}\u{2027}-\u{202a}]|\\PC){0,40}") {
        let json = to_string(&text).unwrap();
        prop_assert_eq!(&json, &go(&text));
        prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
