use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use jiff::Timestamp;

use super::about::{About, global};
use super::header::Header;
use super::{Entry, Kind, broken};
use crate::artifact::tar::{BLOCK, padding};

/// The most bytes of what stands in front of an entry about it: a long name, PAX records. Go's reader has the same bound.
const MOST_ABOUT: u64 = 1 << 20;

/// How bytes are left out.
type Skip<R> = fn(&mut R, u64) -> io::Result<()>;

/// A tar that is read once, from front to back.
pub struct Walk<R> {
    reader: R,
    skip: Skip<R>,
    /// Where the next byte is that will be read.
    position: u64,
    /// Bytes of the last entry that were not read.
    left: u64,
    padding: usize,
    is_tar: bool,
    has_end: bool,
}

impl<R: Read> Walk<R> {
    /// Of what can only be read.
    pub const fn new(reader: R) -> Self {
        Self::with(reader, read_over::<R>)
    }

    const fn with(reader: R, skip: Skip<R>) -> Self {
        Self {
            reader,
            skip,
            position: 0,
            left: 0,
            padding: 0,
            is_tar: false,
            has_end: false,
        }
    }

    /// The next entry; what was not read of the last one is skipped. Nothing is read behind the end.
    ///
    /// # Errors
    /// The tar cannot be read, or tools do not agree what it holds.
    pub fn next(&mut self) -> io::Result<Option<Entry>> {
        let mut about = About::default();
        loop {
            self.skip()?;
            let Some(header) = self.header()? else {
                return if about.is_empty() {
                    Ok(None)
                } else {
                    Err(broken("it ends behind what stands in front of an entry"))
                };
            };
            match header.flag {
                b'x' => about.records(&self.about(header.size)?)?,
                b'g' if !about.is_empty() => {
                    return Err(broken("records about all entries stand behind those about one"));
                }
                b'g' => global(&self.about(header.size)?)?,
                b'L' => about.long_name(self.about(header.size)?)?,
                b'K' => {
                    self.about(header.size)?;
                    about.long_link()?;
                }
                // Some tools take it for PAX records, others for a file.
                b'X' => return Err(broken("it has records of Solaris' tar")),
                _ => return self.entry(header, about).map(Some),
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
        self.position += read as u64;
        Ok(read)
    }

    /// Where the next byte is, from the beginning: those of an entry, when it was just had.
    pub const fn position(&self) -> u64 {
        self.position
    }

    /// Whether it begins with a header, whatever came then.
    pub const fn is_tar(&self) -> bool {
        self.is_tar
    }

    /// Whether its end is marked, by blocks of zeros (POSIX, "ustar Interchange Format"), once [`Self::next`] has found it.
    pub const fn has_end(&self) -> bool {
        self.has_end
    }

    /// Where the bytes come from.
    pub const fn inner(&mut self) -> &mut R {
        &mut self.reader
    }

    /// Where the bytes come from.
    pub fn into_inner(self) -> R {
        self.reader
    }

    fn entry(&mut self, header: Header, about: About) -> io::Result<Entry> {
        let size = about.size.unwrap_or(header.size);
        let is_directorys = |name: &[u8]| name.ends_with(b"/");
        let own = about.name.as_deref().unwrap_or(&header.name);
        let kind = match header.flag {
            // As tar had it before there was a type for directories.
            0 if is_directorys(&header.name) && is_directorys(own) && size == 0 => Kind::Directory,
            // Some tools read the name, or one of the two, others the type.
            0 if is_directorys(&header.name) || is_directorys(own) => return Err(broken(MIXED)),
            b'0' if is_directorys(own) => return Err(broken(MIXED)),
            b'S' => Kind::Sparse,
            0 | b'0' if about.is_sparse => Kind::Sparse,
            0 | b'0' => Kind::File,
            b'1' => Kind::HardLink,
            b'2' => Kind::Symlink,
            b'3' | b'4' => Kind::Device,
            b'5' => Kind::Directory,
            b'6' => Kind::Fifo,
            _ => Kind::Other,
        };
        let is_header = matches!(
            kind,
            Kind::HardLink | Kind::Symlink | Kind::Device | Kind::Directory | Kind::Fifo
        );
        // The volume header of GNU tar has a name only.
        if size > 0 && (is_header || header.flag == b'V') {
            return Err(broken(
                "an entry that is no file has a size: some tools skip so many bytes, others read headers there",
            ));
        }
        let mut is_extended = header.is_extended;
        while is_extended {
            let mut block = [0; BLOCK];
            if !self.block(&mut block)? {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            is_extended = match block.get(504) {
                Some(0) => false,
                Some(1) => true,
                _ => return Err(broken("a sparse file's map goes on, or does not")),
            };
        }
        (self.left, self.padding) = (size, padding(size));
        let stated = || Timestamp::from_second(header.modified?).ok();
        Ok(Entry {
            kind,
            size,
            mode: header.mode,
            modified: about.modified.or_else(stated),
            name: about.name.unwrap_or(header.name),
        })
    }

    fn skip(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.left).saturating_add(std::mem::take(&mut self.padding) as u64);
        self.position = self.position.saturating_add(rest);
        (self.skip)(&mut self.reader, rest)
    }

    /// The next header; `None` at the end.
    fn header(&mut self) -> io::Result<Option<Header>> {
        let mut block = [0; BLOCK];
        // What is empty is no tar; what lacks its end has all of its entries still.
        if !self.block(&mut block)? {
            return if self.is_tar {
                Ok(None)
            } else {
                Err(ErrorKind::UnexpectedEof.into())
            };
        }
        if block == [0; BLOCK] {
            if self.block(&mut block)? && block != [0; BLOCK] {
                return Err(broken("an entry stands behind a block of zeros"));
            }
            self.has_end = true;
            return Ok(None);
        }
        let header = Header::parse(&block)?;
        self.is_tar = true;
        Ok(Some(header))
    }

    /// The whole of what stands in front of an entry.
    fn about(&mut self, size: u64) -> io::Result<Vec<u8>> {
        if size > MOST_ABOUT {
            return Err(broken("a name or the records of an entry have more than 1 MiB"));
        }
        (self.left, self.padding) = (size, padding(size));
        let mut bytes = Vec::new();
        (&mut self.reader).take(size).read_to_end(&mut bytes)?;
        self.left -= bytes.len() as u64;
        self.position += bytes.len() as u64;
        if self.left == 0 {
            Ok(bytes)
        } else {
            Err(ErrorKind::UnexpectedEof.into())
        }
    }

    /// Reads a block; `false` where there is nothing more.
    fn block(&mut self, block: &mut [u8; BLOCK]) -> io::Result<bool> {
        let mut filled = 0;
        while filled < BLOCK {
            match self.reader.read(block.get_mut(filled..).unwrap_or_default()) {
                Ok(0) if filled == 0 => return Ok(false),
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.position += BLOCK as u64;
        Ok(true)
    }
}

/// Of a file, whose bytes need not be read to be skipped.
impl<R: Read + Seek> Walk<R> {
    pub const fn seeking(reader: R) -> Self {
        Self::with(reader, seek_over::<R>)
    }
}

const MIXED: &str = "a file's name ends in `/`, as a directory's does";

fn read_over<R: Read>(reader: &mut R, bytes: u64) -> io::Result<()> {
    let skipped = io::copy(&mut reader.take(bytes), &mut io::sink())?;
    if skipped == bytes {
        Ok(())
    } else {
        Err(ErrorKind::UnexpectedEof.into())
    }
}

fn seek_over<R: Seek>(reader: &mut R, bytes: u64) -> io::Result<()> {
    let bytes = i64::try_from(bytes).map_err(|_| broken("a size is no number"))?;
    reader.seek(SeekFrom::Current(bytes)).map(drop)
}
