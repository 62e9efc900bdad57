//! Paths as one word of a line of text, whatever bytes are in them.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

/// The path from the root on, with everything but visible ASCII as `%` and two hexadecimal digits.
pub(super) fn path(path: &Path) -> String {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut text = String::with_capacity(path.as_os_str().len());
    for &byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            text.push(byte.into());
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02x}");
        }
    }
    text
}

/// The path that [`path`] wrote. What it never writes stands for itself.
pub(super) fn unescape(text: &str) -> PathBuf {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, behind)) = rest.split_first() {
        let pair = behind.split_at_checked(2).filter(|_| byte == b'%');
        let escaped = pair.and_then(|(digits, behind)| {
            let digits = str::from_utf8(digits).ok()?;
            Some((u8::from_str_radix(digits, 16).ok()?, behind))
        });
        let (byte, behind) = escaped.unwrap_or((byte, behind));
        bytes.push(byte);
        rest = behind;
    }
    OsString::from_vec(bytes).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_path_comes_back_as_it_was(bytes in prop::collection::vec(1_u8.., 0..40)) {
            let written = Path::new("/").join(OsString::from_vec(bytes).to_string_lossy().as_ref());
            let absolute = std::path::absolute(&written).unwrap();
            prop_assert_eq!(unescape(&path(&written)), absolute);
        }

        #[test]
        fn every_byte_has_a_spelling(bytes in prop::collection::vec(b'0'.., 1..40)) {
            let written = PathBuf::from(OsString::from_vec([b"/".as_slice(), &bytes].concat()));
            let text = path(&written);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{}", text);
            prop_assert_eq!(unescape(&text), written);
        }
    }
}
