use std::cell::Cell;
use std::error::Error;
use std::io::{self, BufRead, BufReader, Read};
use std::rc::Rc;

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, FrameHeaderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::plan::LayerEncoding;

/// How much is read at a time of what is compressed.
const CHUNK: usize = 64 << 10;

/// The largest window of a zstd frame, in bytes, that is given memory: what `zstd` itself takes unless it is told to take more
/// (`--long`, window log 27).
const MOST_WINDOW: u64 = 128 << 20;

/// The tar or file in a blob, as `encoding` has it; `fed` counts the bytes of the blob that it took.
pub fn decode<'a>(blob: impl Read + 'a, encoding: LayerEncoding, fed: Rc<Cell<u64>>) -> Box<dyn Read + 'a> {
    let blob = Counted { inner: blob, fed };
    match encoding {
        LayerEncoding::TarGzip | LayerEncoding::RawGzip => {
            Box::new(Members::new(BufReader::with_capacity(CHUNK, blob)))
        }
        LayerEncoding::TarZstd | LayerEncoding::RawZstd => {
            Box::new(Frames::Before(Some(BufReader::with_capacity(CHUNK, blob))))
        }
        LayerEncoding::Tar | LayerEncoding::Raw => Box::new(blob),
    }
}

struct Counted<R> {
    inner: R,
    fed: Rc<Cell<u64>>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.fed.set(self.fed.get() + read as u64);
        Ok(read)
    }
}

/// The members of a gzip file, of which there may be several (RFC 1952, section 2.2).
enum Members<R: BufRead> {
    /// Before a member, or at the end; with what is wrong where there is something else.
    Between(Option<R>, &'static str),
    /// In a member.
    Within(Box<GzDecoder<R>>),
}

/// How a member of a gzip file begins: with its magic number, and the only method that there is (RFC 1952, section
/// 2.3.1).
const GZIP: [u8; 3] = [0x1f, 0x8b, 8];

impl<R: BufRead> Members<R> {
    const fn new(source: R) -> Self {
        Self::Between(Some(source), "what should be gzip is none")
    }
}

impl<R: BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self {
                Self::Within(member) => {
                    let read = member.read(buffer)?;
                    if read > 0 || buffer.is_empty() {
                        return Ok(read);
                    }
                    let wrong = "behind the end of its gzip is something that is none";
                    let ended = std::mem::replace(self, Self::Between(None, wrong));
                    if let Self::Within(member) = ended {
                        let mut source = member.into_inner();
                        if source.fill_buf()?.is_empty() {
                            return Ok(0);
                        }
                        *self = Self::Between(Some(source), wrong);
                    }
                }
                Self::Between(source, wrong) => {
                    let Some(mut source) = source.take() else { return Ok(0) };
                    // Of what a read has brought less of, the decoder says that it ends too early.
                    if source.fill_buf()?.iter().zip(GZIP).any(|(found, byte)| *found != byte) {
                        return Err(corrupt(wrong));
                    }
                    *self = Self::Within(Box::new(GzDecoder::new(source)));
                }
            }
        }
    }
}

/// The frames of a zstd file, of which there may be several, and some to be skipped (RFC 8878, section 3.1).
enum Frames<R: BufRead> {
    /// Before the first frame, of which there is one at least.
    Before(Option<R>),
    /// Before a frame, or at the end.
    Between(Option<R>),
    /// In a frame.
    Within(Box<Frame<R>>),
}

impl<R: BufRead> Read for Frames<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self {
                Self::Within(frame) => {
                    let read = frame.read(buffer)?;
                    if read > 0 || buffer.is_empty() {
                        return Ok(read);
                    }
                    let ended = std::mem::replace(self, Self::Between(None));
                    if let Self::Within(frame) = ended {
                        *self = Self::Between(Some(frame.source));
                    }
                }
                Self::Before(source) => {
                    let mut inner = source.take().ok_or(io::ErrorKind::UnexpectedEof)?;
                    if inner.fill_buf()?.is_empty() {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    *self = Self::Between(Some(inner));
                }
                Self::Between(source) => {
                    let Some(mut inner) = source.take() else { return Ok(0) };
                    if inner.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    *self = Self::next(inner)?;
                }
            }
        }
    }
}

impl<R: BufRead> Frames<R> {
    /// Begins with the next frame, or skips it.
    fn next(mut source: R) -> io::Result<Self> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MOST_WINDOW);
        match decoder.init(&mut source) {
            Ok(()) => {}
            Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                let length = u64::from(length);
                let skipped = io::copy(&mut (&mut source).take(length), &mut io::sink())?;
                return if skipped == length {
                    Ok(Self::Between(Some(source)))
                } else {
                    Err(io::ErrorKind::UnexpectedEof.into())
                };
            }
            Err(error) => return Err(failed(&error)),
        }
        Ok(Self::Within(Box::new(Frame {
            decoder,
            source,
            decoded: 0,
        })))
    }
}

/// A frame that has begun. The crate's own reader of one would have to begin with it itself.
struct Frame<R> {
    decoder: FrameDecoder,
    source: R,
    /// How many bytes have come out of it.
    decoded: u64,
}

impl<R> Frame<R> {
    /// At its end: whether what came out is what its header and its checksum say (RFC 8878, section 3.1.1), where they
    /// say something. The crate leaves that to whoever reads.
    fn check(&self) -> io::Result<()> {
        let (stated, size) = (self.decoder.get_checksum_from_data(), self.decoder.content_size());
        if stated.is_some() && stated != self.decoder.get_calculated_checksum() {
            return Err(corrupt("a zstd frame does not have a matching checksum"));
        }
        if size != 0 && size != self.decoded {
            return Err(corrupt("a zstd frame does not have the size that it states"));
        }
        Ok(())
    }
}

impl<R: Read> Read for Frame<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.decoder.can_collect() == 0 && !self.decoder.is_finished() {
            let blocks = BlockDecodingStrategy::UptoBlocks(1);
            self.decoder
                .decode_blocks(&mut self.source, blocks)
                .map_err(|error| failed(&error))?;
        }
        let read = self.decoder.read(buffer)?;
        self.decoded += read as u64;
        if read == 0 && !buffer.is_empty() {
            self.check()?;
        }
        Ok(read)
    }
}

/// What is wrong with a frame. The crate's own words are the names of its types.
fn failed(error: &FrameDecoderError) -> io::Error {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return io::Error::new(error.kind(), error.to_string());
        }
        cause = error.source();
    }
    let what = match error {
        FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::BadMagicNumber(_)) => {
            "what should be a zstd frame is none"
        }
        FrameDecoderError::WindowSizeTooBig { .. }
        | FrameDecoderError::FrameHeaderError(FrameHeaderError::WindowTooBig { .. })
        | FrameDecoderError::FailedToInitialize(FrameHeaderError::WindowTooBig { .. }) => {
            "a zstd frame wants more memory than is allowed: 128 MiB are the most, as by `zstd --long`"
        }
        FrameDecoderError::DictNotProvided { .. } => "a zstd frame needs a dictionary",
        _ => "a zstd frame is corrupt",
    };
    corrupt(what)
}

fn corrupt(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
