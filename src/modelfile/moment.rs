use jiff::Timestamp;

/// The time that a text states; for those of the last day that RFC 3339 can write, the latest that there is here.
pub fn time(text: &str) -> Option<Timestamp> {
    let late = || {
        let earlier = format!("9998{}", text.strip_prefix("9999")?);
        earlier.parse::<Timestamp>().ok().map(|_| Timestamp::MAX)
    };
    text.parse().ok().or_else(late)
}

/// Whether a text states a date and a time with its zone (RFC 3339, 5.6), in upper case or lower. jiff takes more than
/// that: spaces, no seconds, a zone's name.
pub fn is_time(text: &str) -> bool {
    has_form(&text.to_ascii_uppercase()) && time(text).is_some()
}

fn has_form(upper: &str) -> bool {
    let Some((local, rest)) = upper.as_bytes().split_at_checked("0000-00-00T00:00:00".len()) else {
        return false;
    };
    let fraction = match rest {
        [b'.', digits @ ..] => 1 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    let offset = rest.get(fraction..).unwrap_or_default();
    has_shape(local, b"0000-00-00T00:00:00")
        && fraction != 1
        && (offset == b"Z" || has_shape(offset, b"+00:00") || has_shape(offset, b"-00:00"))
}

/// Whether `text` is `shape` with any digits in place of its zeros.
pub(super) fn has_shape(text: &[u8], shape: &[u8]) -> bool {
    text.len() == shape.len()
        && text.iter().zip(shape).all(|(byte, form)| {
            if *form == b'0' {
                byte.is_ascii_digit()
            } else {
                byte == form
            }
        })
}
