use reqwest::Url;
use reqwest::header::{HeaderMap, LINK};

/// What follows on the page at `url`, as one of the links in `Link` fields names it (RFC 8288): `<…>; rel="next"`. There
/// may be other ones, to the page before it or to the last.
pub fn following(url: &Url, headers: &HeaderMap) -> Option<Url> {
    let fields = headers.get_all(LINK).iter();
    let mut next = fields
        .filter_map(|field| field.to_str().ok())
        .flat_map(links)
        .filter(|(_, parameters)| relations(parameters).any(|relation| relation.eq_ignore_ascii_case("next")));
    url.join(next.next()?.0).ok()
}

/// The links of a field: each target, and what stands behind it.
fn links(field: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = field;
    std::iter::from_fn(move || {
        let (target, behind) = rest.split_once('<')?.1.split_once('>')?;
        let end = outside_quotes(behind, ',').unwrap_or(behind.len());
        let (parameters, next) = behind.split_at_checked(end)?;
        rest = next;
        Some((target, parameters))
    })
}

/// The relations that the first `rel` among the parameters of a link names.
fn relations(parameters: &str) -> impl Iterator<Item = &str> {
    let mut rest = parameters;
    let mut each = std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = outside_quotes(rest, ';').unwrap_or(rest.len());
        let (parameter, next) = rest.split_at_checked(end)?;
        rest = next.get(1..).unwrap_or_default();
        Some(parameter)
    });
    let relation = each.find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("rel")
            .then_some(value.trim().trim_matches('"'))
    });
    relation.unwrap_or_default().split_ascii_whitespace()
}

/// Where `wanted` first stands that is not between quotation marks.
fn outside_quotes(text: &str, wanted: char) -> Option<usize> {
    let mut is_quoted = false;
    let mut found = text.char_indices().filter(|(_, c)| {
        is_quoted ^= *c == '"';
        *c == wanted && !is_quoted
    });
    found.next().map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_found_among_others() {
        let url = "https://registry.example/v2/a/tags/list".parse().unwrap();
        let next = |fields: &[&str]| {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append(LINK, field.parse().unwrap());
            }
            following(&url, &headers).map(|url| url.query().unwrap_or_default().to_owned())
        };
        for fields in [
            &["<?n=2>; rel=\"next\""][..],
            &["<?n=2>;rel=next"],
            &["<?n=2>; Rel=\"NEXT\""],
            &["<?n=1>; rel=\"prev\", <?n=2>; rel=\"next\""],
            &["<?n=1>; rel=\"prev\"", "<?n=2>; rel=\"next\""],
            &["<?n=1>; rel=prev; title=\"next, <?n=3>; rel=next\", <?n=2>; title=x; rel=\"last next\""],
        ] {
            assert_eq!(next(fields).as_deref(), Some("n=2"), "{fields:?}");
        }
        for fields in [
            &[][..],
            &["<?n=1>; rel=\"prev\""],
            &["<?next>; rel=\"prev\""],
            &["<?n=1>; title=\"next\""],
            &["<?n=1>; rel=\"nextish\""],
            &["?n=1; rel=\"next\""],
            &["<?n=1; rel=\"next\""],
            &["", ",", "<", "<>", "<http://[>; rel=next"],
        ] {
            assert_eq!(next(fields), None, "{fields:?}");
        }
    }
}
