/// A number of bytes for people: decimal units as disks and registries have them, three digits.
#[must_use]
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

#[cfg(test)]
mod tests {
    use super::human;

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
