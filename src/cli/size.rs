/// A number of bytes for people: decimal units as disks and registries have them, three digits.
pub fn human(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    #[allow(clippy::cast_precision_loss, reason = "three digits are printed")]
    let mut value = bytes as f64;
    let mut unit = "";
    for name in UNITS {
        if value < 999.5 {
            break;
        }
        value /= 1000.0;
        unit = name;
    }
    let decimals = if value < 9.995 { 2 } else { usize::from(value < 99.95) };
    format!("{value:.decimals$} {unit}")
}

/// The number of bytes that `text` stands for: `65536`, `64KiB`, `64 MiB`, `1GB`.
pub fn bytes(text: &str) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor = match unit.trim_start() {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "MB" => 1_000_000,
        "GB" => 1_000_000_000,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "TB" => 1_000_000_000_000,
        "GiB" => 1 << 30,
        "TiB" => 1 << 40,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::{bytes, human};

    #[test]
    fn sizes_are_read_with_and_without_a_unit() {
        for (text, size) in [
            ("65536", Some(65_536)),
            ("64KiB", Some(65_536)),
            ("2 MB", Some(2_000_000)),
            ("1GiB", Some(1 << 30)),
            ("18446744073709551615GiB", None),
            ("MiB", None),
            ("1.5MiB", None),
            ("-1", None),
            ("1 mib", None),
            ("", None),
        ] {
            assert_eq!(bytes(text), size, "{text}");
        }
    }

    #[test]
    fn three_digits() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.00 kB"),
            (9_994, "9.99 kB"),
            (9_995, "10.0 kB"),
            (9_996, "10.0 kB"),
            (99_949, "99.9 kB"),
            (99_951, "100 kB"),
            (999_499, "999 kB"),
            (999_500, "1.00 MB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(human(bytes), text, "{bytes}");
        }
    }
}
