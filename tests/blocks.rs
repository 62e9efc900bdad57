//! Tars block by block, as no tool writes them.

/// A header of POSIX's, once `change` has changed it, with the right checksum.
pub fn header(name: &str, flag: u8, size: usize, change: impl FnOnce(&mut [u8])) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..107].copy_from_slice(b"0000644");
    block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
    block[136..147].copy_from_slice(b"00000000001");
    block[156] = flag;
    block[257..265].copy_from_slice(b"ustar\x0000");
    change(&mut block);
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
    block
}

/// A header, and what it is about.
pub fn entry(name: &str, flag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut entry = header(name, flag, bytes.len(), |_| {});
    entry.extend(bytes);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

/// PAX records, for an entry or for all of them.
pub fn pax(flag: u8, records: &[(&str, &str)]) -> Vec<u8> {
    let record = |(key, value): &(&str, &str)| {
        let rest = format!(" {key}={value}\n");
        let fits = |length: &usize| length.to_string().len() + rest.len() == *length;
        let length = (rest.len()..rest.len() + 9).find(fits).unwrap();
        format!("{length}{rest}")
    };
    let records: String = records.iter().map(record).collect();
    entry("pax", flag, records.as_bytes())
}

/// Parts of tars in which one tool finds a file `name` of these bytes, and another one does not, or another file. What
/// star's header puts in front of the name is `prefix`, 131 bytes.
pub fn hidden(name: &str, bytes: &[u8], prefix: &str) -> Vec<(&'static str, Vec<u8>)> {
    let file = entry(name, b'0', bytes);
    let length = file.len().to_string();
    let other = || entry("other", b'0', bytes);
    let with = |name: &str, flag, size| header(name, flag, size, |_| {});
    let star = header(name, b'0', bytes.len(), |block| {
        block[345..476].copy_from_slice(prefix.as_bytes());
        block[476..487].copy_from_slice(b"00000000001");
        block[488..499].copy_from_slice(b"00000000001");
        block[508..].copy_from_slice(b"tar\0");
    });
    let gnu = header("evil", b'0', 0, |block| {
        block[257..265].copy_from_slice(b"ustar  \0");
        block[345..347].copy_from_slice(b"..");
    });
    vec![
        (
            "a directory of many bytes",
            [with("d/", b'5', file.len()), file.clone()].concat(),
        ),
        ("an old one", [with("d/", 0, file.len()), file.clone()].concat()),
        ("one by its name", [with("d/", b'0', file.len()), file.clone()].concat()),
        (
            "one by records",
            [pax(b'x', &[("size", &length)]), with("d/", b'5', 0), file.clone()].concat(),
        ),
        (
            "a volume of many bytes",
            [with("v", b'V', file.len()), file.clone()].concat(),
        ),
        (
            "two paths",
            [pax(b'x', &[("path", "a"), ("path", name)]), other()].concat(),
        ),
        (
            "two sizes",
            [
                pax(b'x', &[("size", &length), ("size", "0")]),
                with("other", b'0', 0),
                file.clone(),
            ]
            .concat(),
        ),
        (
            "two headers of records",
            [pax(b'x', &[("path", "a")]), pax(b'x', &[("mtime", "1")]), file.clone()].concat(),
        ),
        (
            "a path and a long name",
            [entry("l", b'L', b"a\0"), pax(b'x', &[("path", name)]), other()].concat(),
        ),
        ("no path", [pax(b'x', &[("path", "")]), other()].concat()),
        ("a path of all", [pax(b'g', &[("path", name)]), other()].concat()),
        (
            "a size of all",
            [pax(b'g', &[("size", "0")]), entry("other", b'0', &file)].concat(),
        ),
        (
            "records of all behind those of one",
            [pax(b'x', &[("path", "a")]), pax(b'g', &[("mtime", "1")]), file.clone()].concat(),
        ),
        ("records of Solaris", [pax(b'X', &[("path", name)]), other()].concat()),
        ("records of nothing", pax(b'x', &[("path", name)])),
        ("star's prefix", [star, entry("", b'0', bytes)[512..].to_vec()].concat()),
        ("a prefix of GNU's", gnu),
        ("a block of zeros", [vec![0; 512], file].concat()),
    ]
}
