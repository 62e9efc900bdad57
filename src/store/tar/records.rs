use std::io;

use super::broken;

/// Some tools take the header's own then, others nothing.
const GONE: &str = "a PAX record has a name or a size that is empty";

/// The records of a PAX header, each `LENGTH KEY=VALUE\n` (POSIX, "pax Extended Header").
///
/// # Errors
/// They are not written that way, or one is there twice: some tools take the first, others the last.
pub fn parse(mut bytes: &[u8]) -> io::Result<Vec<(&[u8], &[u8])>> {
    let mut records: Vec<(&[u8], &[u8])> = Vec::new();
    while !bytes.is_empty() {
        let (record, rest) = first(bytes).ok_or_else(|| broken("a PAX record is none"))?;
        records.push(record);
        bytes = rest;
    }
    let mut keys: Vec<_> = records.iter().map(|(key, _)| *key).collect();
    // In the oldest form of sparse files these two are there for each piece (GNU tar manual, "PAX Format, Version 0.0").
    keys.retain(|key| !matches!(*key, b"GNU.sparse.offset" | b"GNU.sparse.numbytes"));
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair.first() == pair.last()) {
        return Err(broken(
            "a PAX record is there twice: some tools take the first, others the last",
        ));
    }
    for (key, value) in &records {
        judge(key, value)?;
    }
    Ok(records)
}

/// Whether it is a record by which the entry is a file without its holes: GNU tar's, or star's.
pub fn is_sparse(key: &[u8]) -> bool {
    key.starts_with(b"GNU.sparse.") || key == b"SCHILY.realsize"
}

/// Whether it changes what a tar holds, beyond times and owners.
pub fn is_vital(key: &[u8]) -> bool {
    matches!(key, b"path" | b"linkpath" | b"size") || is_sparse(key)
}

/// A record, and what stands behind it.
type First<'a> = ((&'a [u8], &'a [u8]), &'a [u8]);

fn first(bytes: &[u8]) -> Option<First<'_>> {
    let space = bytes.iter().position(|byte| *byte == b' ')?;
    let length: usize = decimal(bytes.get(..space)?)?.try_into().ok()?;
    let (record, rest) = bytes.split_at_checked(length)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (record.get(..equals)?, record.get(equals + 1..)?);
    (!key.is_empty() && !key.contains(&0)).then_some(((key, value), rest))
}

/// Refuses values that tools read in several ways, or not at all.
fn judge(key: &[u8], value: &[u8]) -> io::Result<()> {
    let wrong = match key {
        _ if value.is_empty() && is_vital(key) => GONE,
        // Taken back.
        _ if value.is_empty() => return Ok(()),
        b"path" | b"linkpath" | b"GNU.sparse.name" if value.contains(&0) => "a name holds a zero byte",
        b"uname" | b"gname" if value.contains(&0) => "a PAX record is none",
        b"size" if decimal(value).is_none() => "a size is no number",
        b"uid" | b"gid" if decimal(value.strip_prefix(b"-").unwrap_or(value)).is_none() => "an owner is no number",
        b"mtime" | b"atime" | b"ctime" if !is_time(value) => "a time is no number",
        _ => return Ok(()),
    };
    Err(broken(wrong))
}

/// Digits alone, of a number that others take, too.
pub fn decimal(text: &[u8]) -> Option<u64> {
    let is_plain = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let number: u64 = str::from_utf8(text).ok().filter(|_| is_plain)?.parse().ok()?;
    i64::try_from(number).is_ok().then_some(number)
}

/// Seconds with a fraction or not.
fn is_time(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let mut parts = text.splitn(2, |byte| *byte == b'.');
    let whole = parts.next().and_then(decimal);
    whole.is_some()
        && parts
            .next()
            .is_none_or(|fraction| fraction.iter().all(u8::is_ascii_digit))
}
