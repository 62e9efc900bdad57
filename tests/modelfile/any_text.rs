use modelbuild::modelfile::{BuildArg, BuildArgs, Modelfile, Span};
use proptest::prelude::*;

use super::{source, stated};

/// Text with what the language treats specially in it more often than chance would have it.
fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "MODEL ", "NAME ", "TEMPLATE ", "LICENSE ", "FROM ", "PRECISION ", "PARAMSIZE ", "CUTOFF ", "CONTEXT ", "\"\"\"",
            "ARG ", "ARG a=", "${a}", "${b}", "${", "}", "$", "=", "\"", "\\", "\n", "\r\n", "\t", " ", "#", "\u{feff}", "\u{a0}", "\u{2028}", "\0", "é", "日本", "(", "+", ",", "8k",
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
    fn any_text_is_read_and_findings_point_into_it(text in any_text(), value in prop::option::of(".{0,20}")) {
        let source = source(&text);
        let given: BuildArgs = value.into_iter().map(|value| ("a".to_owned(), BuildArg::Value(value))).collect();
        let findings = match Modelfile::parse(&source, &given) {
            Ok((modelfile, findings)) => {
                for rule in &modelfile.paths {
                    prop_assert!(text.get(rule.pattern.span.range()).is_some());
                }
                for argument in modelfile.arguments.iter() {
                    prop_assert!(text.get(argument.span.range()).is_some());
                }
                findings
            }
            Err(partial) => {
                prop_assert!(partial.findings.has_errors());
                partial.findings
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
    #[test]
    fn a_value_is_read_as_it_was_given(value in "[ -~é日\t]{1,12}", quoted in any::<bool>()) {
        let given = BuildArgs::from([("a".to_owned(), BuildArg::Value(value.clone()))]);
        let word = if quoted { "\"${a}\"" } else { "${a}" };
        let source = source(&format!("ARG a\nMODEL x{word}\nNAME {word}"));
        let (modelfile, findings) = Modelfile::parse(&source, &given).unwrap();
        prop_assert_eq!(findings.0.len(), 0);
        let (_, of_value) = modelfile.paths[0].pattern.value.chars().split_first().unwrap();
        prop_assert!(of_value.iter().all(|(_, literal)| *literal == quoted));
        prop_assert_eq!(&modelfile.name.unwrap().value, &value);
    }

    #[test]
    fn without_an_arg_nothing_can_be_given(text in any_text()) {
        prop_assume!(!text.to_uppercase().contains("ARG"));
        let given = BuildArgs::from([("a".to_owned(), BuildArg::Value("1".to_owned()))]);
        let source = source(&text);
        let (with, without) = (Modelfile::parse(&source, &given), Modelfile::parse(&source, &BuildArgs::new()));
        prop_assert_eq!(with.ok().map(|(modelfile, _)| modelfile), without.ok().map(|(modelfile, _)| modelfile));
    }
}
