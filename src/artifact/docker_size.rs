//! The `size` string of Docker's config, as Docker Model Runner prints it.

/// Bytes of GGUF weights: `256.35MiB`.
///
/// Its GGUF parser takes the largest unit that fits out of binary and decimal ones together, so that 1,020 bytes are
/// `1.02KB` and 1,024 are `1KiB`, and leaves `.00` out.
#[must_use]
pub(super) fn gguf(bytes: u64) -> String {
    const UNITS: [(u64, &str); 10] = [
        (1 << 50, "PiB"),
        (1_000_000_000_000_000, "PB"),
        (1 << 40, "TiB"),
        (1_000_000_000_000, "TB"),
        (1 << 30, "GiB"),
        (1_000_000_000, "GB"),
        (1 << 20, "MiB"),
        (1_000_000, "MB"),
        (1 << 10, "KiB"),
        (1_000, "KB"),
    ];
    let (base, unit) = UNITS.into_iter().find(|(base, _)| bytes >= *base).unwrap_or((1, "B"));
    let number = format!("{:.2}", float(bytes) / float(base));
    format!("{}{unit}", number.strip_suffix(".00").unwrap_or(&number))
}

/// Bytes of any other weights: `300.36kB`, and `512.00B` below 1 kB.
#[must_use]
pub(super) fn decimal(bytes: u64) -> String {
    let mut number = float(bytes);
    let mut units = ["B", "kB", "MB", "GB", "TB", "PB"].into_iter();
    let unit = units.find(|_| {
        let fits = number < 1000.0;
        if !fits {
            number /= 1000.0;
        }
        fits
    });
    format!("{number:.2}{}", unit.unwrap_or("EB"))
}

#[allow(
    clippy::cast_precision_loss,
    reason = "the Go originals divide the same doubles; three digits are printed"
)]
const fn float(bytes: u64) -> f64 {
    bytes as f64
}

#[cfg(test)]
mod tests {
    use super::{decimal, gguf};

    #[test]
    fn gguf_mixes_binary_and_decimal_units() {
        let cases = [
            (0, "0B"),
            (999, "999B"),
            (1_000, "1KB"),
            (1_020, "1.02KB"),
            (1_024, "1KiB"),
            (1_536, "1.50KiB"),
            (1_048_575, "1.05MB"),
            (1_048_576, "1MiB"),
            (268_802_457, "256.35MiB"),
            (1 << 50, "1PiB"),
            (u64::MAX, "16384PiB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(gguf(bytes), text, "{bytes} bytes");
        }
    }

    #[test]
    fn decimal_always_has_two_digits() {
        let cases = [
            (0, "0.00B"),
            (999, "999.00B"),
            (1_000, "1.00kB"),
            (300_360, "300.36kB"),
            (999_999, "1000.00kB"),
            (1_000_000, "1.00MB"),
            (90_868_376, "90.87MB"),
            (1_000_000_000_000_000, "1.00PB"),
            (u64::MAX, "18.45EB"),
        ];
        for (bytes, text) in cases {
            assert_eq!(decimal(bytes), text, "{bytes} bytes");
        }
    }
}
