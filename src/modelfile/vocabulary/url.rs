use super::Findings;
use crate::modelfile::show::quoted;
use crate::modelfile::{Diagnostic, Span};

/// `DOCURL`, `SOURCEURL` and `DATASETURL`: whatever begins with a scheme (RFC 3986, section 3.1). The schema takes any
/// text, so what has none is kept with a warning.
pub fn url(text: &str, span: Span, found: &mut Findings) -> String {
    if !is_url(text) {
        found.push(
            Diagnostic::warning(format!("{} is not a URL", quoted(text)), span)
                .label("expected an address with its scheme")
                .help("write it as in `https://example.org/docs`; it is kept as it stands"),
        );
    }
    text.to_owned()
}

fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let mut letters = scheme.bytes();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && !rest.trim_start_matches('/').is_empty()
        && !text.contains(char::is_whitespace)
}
