use super::Kind;
use super::show::nearest;

/// What may follow a keyword.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// Exactly one value, which states that field.
    Value(Field),
    /// A key and a value.
    KeyAndValue,
    /// Exactly one path or pattern.
    Path(Kind),
    /// One or more paths or patterns.
    Paths(Kind),
    /// A name, with `=` and a default or without.
    Declaration,
    /// Nothing yet: the word is kept free for a later version.
    Reserved,
}

/// What a value can be stated for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Name,
    Architecture,
    Family,
    Format,
    ParamSize,
    Precision,
    Quantization,
    Version,
    Title,
    Description,
    Author,
    Vendor,
    License,
    DocUrl,
    SourceUrl,
    Revision,
    DatasetUrl,
    Input,
    Output,
    Language,
    Cutoff,
    Capability,
    Context,
    From,
}

/// A statement's first word, and all that the language says about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Keyword {
    /// As it is written, in upper case; any case is accepted.
    pub word: &'static str,
    /// What may follow.
    pub takes: Takes,
    /// Whether it may stand in a file more than once.
    pub repeats: bool,
    /// What a good line looks like, without the keyword.
    pub example: &'static str,
}

const fn once(word: &'static str, takes: Takes, example: &'static str) -> Keyword {
    Keyword {
        word,
        takes,
        repeats: false,
        example,
    }
}

const fn often(word: &'static str, takes: Takes, example: &'static str) -> Keyword {
    Keyword {
        word,
        takes,
        repeats: true,
        example,
    }
}

/// Every keyword. The first twelve are those of `modctl`, with the same meaning; the rest is ours.
const ALL: &[Keyword] = &[
    once("NAME", Takes::Value(Field::Name), "llama-3.1-8b"),
    once("ARCH", Takes::Value(Field::Architecture), "transformer"),
    once("FAMILY", Takes::Value(Field::Family), "llama"),
    once("FORMAT", Takes::Value(Field::Format), "gguf"),
    once("PARAMSIZE", Takes::Value(Field::ParamSize), "8B"),
    once("PRECISION", Takes::Value(Field::Precision), "bfloat16"),
    once("QUANTIZATION", Takes::Value(Field::Quantization), "Q4_K_M"),
    often("CONFIG", Takes::Paths(Kind::Config), "config.json"),
    often("MODEL", Takes::Paths(Kind::Weight), "model.gguf"),
    often("CODE", Takes::Paths(Kind::Code), "*.py"),
    often("DOC", Takes::Paths(Kind::Doc), "README.md"),
    often("DATASET", Takes::Paths(Kind::Dataset), "data/*.jsonl"),
    once("TEMPLATE", Takes::Path(Kind::Template), "chat_template.jinja"),
    once("MMPROJ", Takes::Path(Kind::Projector), "mmproj.gguf"),
    once("VERSION", Takes::Value(Field::Version), "1.0"),
    once("TITLE", Takes::Value(Field::Title), "\"Llama 3.1 8B\""),
    once(
        "DESCRIPTION",
        Takes::Value(Field::Description),
        "\"A small model for chats\"",
    ),
    often("AUTHOR", Takes::Value(Field::Author), "\"Ada Lovelace\""),
    once("VENDOR", Takes::Value(Field::Vendor), "\"Example Labs\""),
    often("LICENSE", Takes::Value(Field::License), "Apache-2.0"),
    once("DOCURL", Takes::Value(Field::DocUrl), "https://example.org/docs"),
    once(
        "SOURCEURL",
        Takes::Value(Field::SourceUrl),
        "https://example.org/source",
    ),
    once("REVISION", Takes::Value(Field::Revision), "4f1c2d9"),
    often(
        "DATASETURL",
        Takes::Value(Field::DatasetUrl),
        "https://example.org/data",
    ),
    often("INPUT", Takes::Value(Field::Input), "text"),
    often("OUTPUT", Takes::Value(Field::Output), "text"),
    often("LANGUAGE", Takes::Value(Field::Language), "en"),
    once("CUTOFF", Takes::Value(Field::Cutoff), "2024-06-01T00:00:00Z"),
    often("CAPABILITY", Takes::Value(Field::Capability), "tools"),
    once("CONTEXT", Takes::Value(Field::Context), "8192"),
    often("ANNOTATION", Takes::KeyAndValue, "org.example.team research"),
    often("ARG", Takes::Declaration, "size=8B"),
    once("FROM", Takes::Value(Field::From), "oci:../base:v1"),
    often("ADAPTER", Takes::Reserved, ""),
];

impl Keyword {
    /// The keyword that `word` spells, in any case.
    pub(super) fn find(word: &str) -> Option<&'static Self> {
        ALL.iter().find(|keyword| keyword.word.eq_ignore_ascii_case(word))
    }

    /// The keyword that a misspelt `word` is likely to stand for.
    pub(super) fn near(word: &str) -> Option<&'static str> {
        nearest(word, Self::words())
    }

    /// All keywords that can be used, in the order of the table.
    pub(super) fn words() -> impl Iterator<Item = &'static str> {
        ALL.iter()
            .filter(|keyword| keyword.takes != Takes::Reserved)
            .map(|keyword| keyword.word)
    }

    /// Whether no good value has a blank in it, so that quoting several words would not help.
    pub(super) const fn is_one_word(&self) -> bool {
        matches!(
            self.takes,
            Takes::Value(
                Field::Format
                    | Field::ParamSize
                    | Field::Input
                    | Field::Output
                    | Field::Language
                    | Field::Cutoff
                    | Field::Capability
                    | Field::Context
                    | Field::From
            )
        )
    }

    /// A whole good line.
    pub(super) fn example_line(&self) -> String {
        format!("{} {}", self.word, self.example)
    }
}
