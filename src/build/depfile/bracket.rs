use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

/// More names than these are not tried.
const MOST: usize = 64;

/// Whether make, for which `a[12]` is a pattern, could find another file by this name. Where it finds none, it takes
/// the name as it is, and so does ninja, which has no way to read `\[`.
pub(super) fn may_mean_another(name: &[u8]) -> bool {
    let mut others = vec![Vec::new()];
    let mut rest = name;
    while let Some((byte, behind)) = rest.split_first() {
        // The first character of a class can be `]` itself.
        let end = behind.iter().skip(1).position(|byte| *byte == b']');
        let class = end.and_then(|end| behind.split_at_checked(end + 1));
        let Some((class, behind_class)) = class.filter(|_| *byte == b'[') else {
            for other in &mut others {
                other.push(*byte);
            }
            rest = behind;
            continue;
        };
        let is_simple = |byte: &u8| byte.is_ascii() && !b"-!^[\\/".contains(byte);
        if !class.iter().all(is_simple) || others.len() * class.len() > MOST {
            return true;
        }
        others = others
            .iter()
            .flat_map(|other| class.iter().map(|byte| [other.as_slice(), &[*byte]].concat()))
            .collect();
        rest = behind_class.get(1..).unwrap_or_default();
    }
    others
        .iter()
        .any(|other| other != name && fs_err::symlink_metadata(Path::new(OsStr::from_bytes(other))).is_ok())
}
