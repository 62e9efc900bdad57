use std::io::{self, ErrorKind, Read};

use jiff::Timestamp;
use tar::{EntryType, Header, PaxExtensions};

use crate::artifact::tar::padding;
use crate::store::tree::attributes::Attributes;
use crate::store::tree::error::Fault;

/// Bytes of a block.
const BLOCK: usize = 512;

/// The most bytes of what stands in front of an entry about it: a long name, PAX records.
const MOST_ABOUT: u64 = 1 << 20;

/// What a tar holds, read once from front to back (POSIX pax interchange format, with GNU's long names).
///
/// The crate `tar` reads the headers; its own iterator would read what stands in front of an entry to memory, however much
/// it is, and takes no size from there where it does not read it.
pub struct Entries<R> {
    reader: R,
    /// Bytes of the last entry that were not read.
    left: u64,
    padding: usize,
    is_begun: bool,
    /// Whether entries may be anything.
    takes_any: bool,
}

/// An entry.
pub struct Entry {
    /// Its name, not judged.
    pub name: Vec<u8>,
    /// `None` for what is no file.
    pub size: Option<u64>,
    pub attributes: Attributes,
}

/// What stands in front of an entry about it.
#[derive(Default)]
struct About {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    modified: Option<Timestamp>,
    is_sparse: bool,
}

impl<R: Read> Entries<R> {
    pub const fn new(reader: R) -> Self {
        Self {
            reader,
            left: 0,
            padding: 0,
            is_begun: false,
            takes_any: false,
        }
    }

    /// The same where links, devices and whatever else a tar has are no fault.
    pub fn of_any(reader: R) -> Self {
        Self {
            takes_any: true,
            ..Self::new(reader)
        }
    }

    /// The next entry; what was not read of the last one is skipped.
    ///
    /// # Errors
    /// The tar cannot be read, or has an entry that is neither file nor directory: a [`Fault`] within.
    pub fn next(&mut self) -> io::Result<Option<Entry>> {
        let mut about = About::default();
        loop {
            self.skip()?;
            let Some(header) = self.header()? else { return Ok(None) };
            let kind = header.entry_type();
            let stated = header.entry_size().map_err(|_| broken("a size is no number"))?;
            match kind {
                EntryType::XHeader => {
                    let records = self.about(stated)?;
                    about.read(&records)?;
                }
                // Records for all that follow, of which none that git writes matters here; the name that a link leads to.
                EntryType::XGlobalHeader | EntryType::GNULongLink => drop(self.about(stated)?),
                EntryType::GNULongName => {
                    let mut name = self.about(stated)?;
                    name.truncate(name.iter().position(|byte| *byte == 0).unwrap_or(name.len()));
                    about.name = Some(name);
                }
                kind => return self.entry(&header, kind, stated, about).map(Some),
            }
        }
    }

    /// Reads on in the last entry; 0 at its end.
    pub fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.reader.read(buffer.get_mut(..length).unwrap_or_default())?;
        if read == 0 && length > 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }

    /// Where the bytes come from, to be asked about them.
    pub const fn inner(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Where the bytes come from.
    pub fn into_inner(self) -> R {
        self.reader
    }

    fn entry(&mut self, header: &Header, kind: EntryType, stated: u64, about: About) -> io::Result<Entry> {
        let name = about.name.unwrap_or_else(|| header.path_bytes().into_owned());
        let size = about.size.unwrap_or(stated);
        let refuse = |what| {
            let name = String::from_utf8_lossy(&name).into_owned();
            Err(io::Error::other(Fault::Entry { name, what }))
        };
        let is_directory = match kind {
            _ if self.takes_any => !kind.is_file(),
            _ if about.is_sparse => return refuse("a sparse file"),
            EntryType::Directory => true,
            // As tar had it before there was a type for directories.
            EntryType::Regular => name.ends_with(b"/"),
            EntryType::Link => return refuse("a hard link"),
            EntryType::Symlink => return refuse("a symlink"),
            EntryType::Char | EntryType::Block => return refuse("a device"),
            EntryType::Fifo => return refuse("a FIFO"),
            EntryType::GNUSparse => return refuse("a sparse file"),
            _ => return refuse("of an unknown type"),
        };
        // Where images are unpacked, by Go's `archive/tar`, nothing but a header is read of these.
        let is_header = matches!(
            kind,
            EntryType::Link
                | EntryType::Symlink
                | EntryType::Char
                | EntryType::Block
                | EntryType::Directory
                | EntryType::Fifo
        );
        self.expect(if self.takes_any && is_header { 0 } else { size });
        let seconds = header.mtime().ok().and_then(|time| i64::try_from(time).ok());
        let modified = about.modified.or_else(|| Timestamp::from_second(seconds?).ok());
        Ok(Entry {
            name,
            size: (!is_directory).then_some(size),
            attributes: Attributes::new(header.mode().unwrap_or(0o644), modified),
        })
    }

    fn expect(&mut self, size: u64) {
        self.left = size;
        self.padding = padding(size);
    }

    fn skip(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.left).saturating_add(std::mem::take(&mut self.padding) as u64);
        let skipped = io::copy(&mut (&mut self.reader).take(rest), &mut io::sink())?;
        if skipped == rest {
            Ok(())
        } else {
            Err(ErrorKind::UnexpectedEof.into())
        }
    }

    /// The next header; `None` at the end, behind which everything is read.
    fn header(&mut self) -> io::Result<Option<Header>> {
        let mut block = [0; BLOCK];
        match fill(&mut self.reader, &mut block)? {
            // What is empty is no tar; what lacks its end has all of its entries still.
            0 if self.is_begun => return Ok(None),
            BLOCK => {}
            _ => return Err(ErrorKind::UnexpectedEof.into()),
        }
        self.is_begun = true;
        if block == [0; BLOCK] {
            let second = fill(&mut self.reader, &mut block)?;
            if block.iter().take(second).any(|byte| *byte != 0) {
                return Err(broken("an entry stands behind a block of zeros"));
            }
            // GNU tar pads to a record of 20 blocks.
            io::copy(&mut self.reader, &mut io::sink())?;
            return Ok(None);
        }
        let mut header = Header::new_old();
        header.as_mut_bytes().copy_from_slice(&block);
        let bytes = block.iter().enumerate();
        let sum = bytes.map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) });
        match header.cksum() {
            Ok(stated) if stated == sum.sum::<u32>() => Ok(Some(header)),
            _ => Err(broken("a header has another checksum than it states")),
        }
    }

    /// The whole of an entry that stands in front of another one.
    fn about(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > MOST_ABOUT {
            return Err(broken("a name or the records of an entry have more than 1 MiB"));
        }
        self.expect(size);
        let mut bytes = Vec::new();
        (&mut self.reader).take(size).read_to_end(&mut bytes)?;
        self.left -= bytes.len() as u64;
        if self.left == 0 {
            Ok(bytes)
        } else {
            Err(ErrorKind::UnexpectedEof.into())
        }
    }
}

impl About {
    fn read(&mut self, records: &[u8]) -> io::Result<()> {
        for record in PaxExtensions::new(records) {
            let record = record.map_err(|_| broken("a PAX record is none"))?;
            let text = || str::from_utf8(record.value_bytes()).ok();
            match record.key_bytes() {
                b"path" => self.name = Some(record.value_bytes().to_owned()),
                b"size" => {
                    let size = text().and_then(|size| size.parse().ok());
                    self.size = Some(size.ok_or_else(|| broken("a size is no number"))?);
                }
                b"mtime" => self.modified = text().and_then(seconds),
                key => self.is_sparse |= key.starts_with(b"GNU.sparse."),
            }
        }
        Ok(())
    }
}

/// Seconds since 1970 in decimal, with a fraction or not.
fn seconds(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let nanoseconds: i32 = digits.parse().ok()?;
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    Timestamp::new(whole.parse().ok()?, sign * nanoseconds).ok()
}

/// Reads until the buffer is full or nothing comes any more.
fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(buffer.get_mut(filled..).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn broken(what: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what)
}
