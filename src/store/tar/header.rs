use std::io;

use super::broken;
use crate::artifact::tar::BLOCK;

/// One block that says what follows it.
pub struct Header {
    /// With its prefix.
    pub name: Vec<u8>,
    pub flag: u8,
    /// Bytes that follow, unless records say otherwise.
    pub size: u64,
    pub mode: Option<u32>,
    /// Seconds since 1970.
    pub modified: Option<i64>,
    /// Whether blocks of a map of holes follow, before the bytes (GNU tar manual, "Basic Tar Format").
    pub is_extended: bool,
}

/// Where a field is, and how long (POSIX, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
type Field = (usize, usize);

const NAME: Field = (0, 100);
const MODE: Field = (100, 8);
const UID: Field = (108, 8);
const GID: Field = (116, 8);
const SIZE: Field = (124, 12);
const MTIME: Field = (136, 12);
const CHECKSUM: Field = (148, 8);
const MAGIC: Field = (257, 8);
const MAJOR: Field = (329, 8);
const MINOR: Field = (337, 8);
const PREFIX: Field = (345, 155);
/// What GNU tar has there in a sparse file: two times, an offset, names.
const GNU_TIMES: Field = (345, 41);
const IS_EXTENDED: Field = (482, 1);
/// What star has there, if its mark is at the end.
const STAR_PREFIX: Field = (345, 131);
const STAR_ACCESSED: Field = (476, 12);
const STAR_CHANGED: Field = (488, 12);
const STAR_MARK: Field = (508, 4);

const NO_NUMBER: &str = "a field of a header is no number";

impl Header {
    /// Reads one that is not all zeros.
    pub fn parse(block: &[u8; BLOCK]) -> io::Result<Self> {
        let field = |(start, length): Field| block.get(start..start + length).unwrap_or_default();
        let bytes = block.iter().enumerate();
        let own = CHECKSUM.0..CHECKSUM.0 + CHECKSUM.1;
        let sum: i64 = bytes
            .map(|(at, byte)| i64::from(if own.contains(&at) { b' ' } else { *byte }))
            .sum();
        if number(field(CHECKSUM)).ok().flatten() != Some(sum) {
            return Err(broken("a header has another checksum than it states"));
        }
        for other in [UID, GID, MAJOR, MINOR] {
            number(field(other))?;
        }
        let flag = field((156, 1)).first().copied().unwrap_or(0);
        let mode = number(field(MODE))?;
        let size = number(field(SIZE))?.unwrap_or(0);
        Ok(Self {
            name: name(flag, &field)?,
            flag,
            size: u64::try_from(size).map_err(|_| broken("a size is no number"))?,
            mode: mode.and_then(|mode| u32::try_from(mode).ok()),
            modified: number(field(MTIME))?,
            is_extended: match field(IS_EXTENDED) {
                _ if flag != b'S' => false,
                [0] => false,
                [1] => true,
                _ => return Err(broken("a sparse file's map goes on, or does not")),
            },
        })
    }
}

/// The name in a header. Python takes a prefix from all of them, Go from some that say to be GNU tar's, and both from fewer
/// bytes where star's mark is.
fn name<'a>(flag: u8, field: &impl Fn(Field) -> &'a [u8]) -> io::Result<Vec<u8>> {
    let magic = field(MAGIC);
    let name = text(field(NAME));
    if !magic.starts_with(b"ustar\0") {
        let is_gnu = magic == b"ustar  \0";
        let void = match flag {
            // Nobody asks for the name of these.
            b'K' | b'L' => (0, 0),
            b'S' if is_gnu => GNU_TIMES,
            b'S' => return Err(broken("a sparse file of GNU tar's has the header of another format")),
            _ => PREFIX,
        };
        return if field(void).iter().all(|byte| *byte == 0) {
            Ok(name.to_owned())
        } else {
            Err(broken(
                "a header has something where only some tools look for a part of its name",
            ))
        };
    }
    if flag == b'S' {
        return Err(broken("a sparse file of GNU tar's has the header of another format"));
    }
    let mut prefix = text(field(PREFIX));
    if field(STAR_MARK) == b"tar\0" {
        number(field(STAR_ACCESSED))?;
        number(field(STAR_CHANGED))?;
        if !field(STAR_PREFIX).contains(&0) {
            return Err(broken("a name goes on where star has a time"));
        }
        prefix = text(field(STAR_PREFIX));
    }
    Ok(match prefix {
        [] => name.to_owned(),
        prefix => [prefix, b"/", name].concat(),
    })
}

/// What stands before the first zero.
fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A number: octal digits, or, as GNU tar has large ones and those below zero, bytes behind one of 128 or 255; `None` where
/// there are zeros only.
fn number(field: &[u8]) -> io::Result<Option<i64>> {
    let (start, rest) = match field {
        [0x80, rest @ ..] => (0_i64, rest),
        [0xff, rest @ ..] => (-1, rest),
        field if field.iter().all(|byte| *byte == 0) => return Ok(None),
        field => return octal(field).map(Some).ok_or_else(|| broken(NO_NUMBER)),
    };
    let all = rest.iter().try_fold(start, |number, byte| {
        number.checked_mul(256)?.checked_add(i64::from(*byte))
    });
    all.map(Some).ok_or_else(|| broken(NO_NUMBER))
}

/// The digits have spaces before them, in old tars, and spaces and zeros behind them.
fn octal(field: &[u8]) -> Option<i64> {
    let field = field.trim_ascii_start();
    let end = field.iter().position(|byte| !(b'0'..=b'7').contains(byte));
    let (digits, rest) = field.split_at_checked(end.unwrap_or(field.len()))?;
    let is_clear = rest.iter().all(|byte| matches!(byte, 0 | b' '));
    let number = digits
        .iter()
        .fold(0, |number, digit| number * 8 + i64::from(digit - b'0'));
    (is_clear && !digits.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers() {
        for (field, expected) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"00000644", Some(0o644)),
            (b"0000000\0", Some(0)),
            (b"\x80\0\0\0\0\0\x01\0", Some(256)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2)),
            (b"\0\0\0\0\0\0\0\0", None),
        ] {
            assert_eq!(number(field).unwrap(), expected, "{field:?}");
        }
        for field in [
            &b"        "[..],
            b"0000648\0",
            b"-000644\0",
            b"644\x00644\0",
            b"\x00644    ",
            b"0x44   \0",
            b"\x81\0\0\0\0\0\0\x01",
            b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
            b"\xff\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff",
        ] {
            assert!(number(field).is_err(), "{field:?}");
        }
    }
}
