//! A file or stdin to a [`Source`], in bounded memory and time whatever is found there.

use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use fs_err::os::unix::fs::OpenOptionsExt as _;
use rustix::fs::OFlags;

use super::Source;

/// Largest Modelfile in bytes, 4 MiB: room for some 50,000 lines, where one written by hand has 20.
pub(super) const LIMIT: u64 = 4 << 20;

/// Why a Modelfile could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ReadError {
    #[error("there is no Modelfile at `{}`", path.display())]
    Missing { path: PathBuf },
    #[error("`{}` is a symlink, and there is no file where it points to", path.display())]
    Dangling { path: PathBuf },
    #[error("`{}` is a directory, not a Modelfile", path.display())]
    Directory { path: PathBuf },
    #[error("`{}` is {what}, not a regular file", path.display())]
    NotRegular { path: PathBuf, what: &'static str },
    #[error("no permission to read `{}`", path.display())]
    Permission { path: PathBuf, source: io::Error },
    #[error("`{name}` is {size} bytes long; a Modelfile may have {limit} bytes at most")]
    TooLarge { name: String, size: u64, limit: u64 },
    #[error("`{name}` is too large; a Modelfile may have {limit} bytes at most")]
    TooLargeStream { name: String, limit: u64 },
    #[error("`{name}` looks like a binary file: it is not UTF-8 (line {line}, column {column}) and has NUL bytes")]
    Binary { name: String, line: usize, column: usize },
    #[error("`{name}` is not UTF-8: line {line}, column {column} holds the byte 0x{byte:02x}")]
    NotUtf8 {
        name: String,
        line: usize,
        column: usize,
        byte: u8,
    },
    #[error("`{name}` cannot be read")]
    Io { name: String, source: io::Error },
}

impl ReadError {
    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Missing { .. } => {
                "write one that names the model's files, such as `MODEL *.gguf`, or name another file with `-f`"
            }
            Self::Dangling { .. } => "mend the symlink, or name another file with `-f`",
            Self::Directory { .. } => "name the file in it; a context directory is given without `-f`",
            Self::NotRegular { .. } => "name a regular file, or give the text on stdin with `-f -`",
            Self::Permission { .. } => "make it readable, as with `chmod u+r`",
            Self::TooLarge { .. } | Self::TooLargeStream { .. } => {
                "is this a weight file? a Modelfile is a short text that names the files"
            }
            Self::Binary { .. } => "a Modelfile is a text that names the files; save UTF-16 text as UTF-8",
            Self::NotUtf8 { .. } => "save the file as UTF-8",
            Self::Io { .. } => "try again; if it stays so, check the disk or the mount that holds it",
        }
    }
}

impl Source {
    /// Reads the Modelfile at `path`, which becomes the source's name.
    ///
    /// # Errors
    /// [`ReadError`] when there is none, or it is no UTF-8 text of 4 MiB at most in a regular file. A FIFO or device
    /// is refused without waiting for it, a file that is too large without reading it.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let name = path.display().to_string();
        let failed = |source: io::Error| match source.kind() {
            ErrorKind::PermissionDenied => ReadError::Permission {
                path: path.to_owned(),
                source,
            },
            // A loop of symlinks, too: its kind of error has no stable name.
            _ if path.is_symlink() && !path.exists() => ReadError::Dangling { path: path.to_owned() },
            ErrorKind::NotFound | ErrorKind::NotADirectory => ReadError::Missing { path: path.to_owned() },
            _ => ReadError::Io {
                name: path.display().to_string(),
                source,
            },
        };
        check(path, &fs_err::metadata(path).map_err(failed)?)?;
        // Somebody may put a FIFO there in the meantime: opening one waits for a writer unless told not to.
        let flags = OFlags::NONBLOCK.bits().cast_signed();
        let file = fs_err::OpenOptions::new()
            .read(true)
            .custom_flags(flags)
            .open(path)
            .map_err(failed)?;
        check(path, &file.metadata().map_err(failed)?)?;
        Self::take(name, file)
    }

    /// Reads a Modelfile from a stream; the source's name is `<stdin>`.
    ///
    /// # Errors
    /// [`ReadError`] when the stream fails, is no UTF-8, or goes on behind 4 MiB, where reading stops.
    pub fn read_stdin(stream: impl Read) -> Result<Self, ReadError> {
        Self::take("<stdin>".to_owned(), stream)
    }

    fn take(name: String, stream: impl Read) -> Result<Self, ReadError> {
        let mut bytes = Vec::new();
        if let Err(source) = stream.take(LIMIT + 1).read_to_end(&mut bytes) {
            return Err(ReadError::Io { name, source });
        }
        if bytes.len() as u64 > LIMIT {
            return Err(ReadError::TooLargeStream { name, limit: LIMIT });
        }
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self { name, text }),
            Err(error) => Err(not_utf8(name, error.as_bytes(), error.utf8_error().valid_up_to())),
        }
    }
}

fn check(path: &Path, metadata: &std::fs::Metadata) -> Result<(), ReadError> {
    let path = path.to_owned();
    if metadata.is_dir() {
        return Err(ReadError::Directory { path });
    }
    if !metadata.is_file() {
        return Err(ReadError::NotRegular {
            path,
            what: what(metadata),
        });
    }
    if metadata.len() > LIMIT {
        return Err(ReadError::TooLarge {
            name: path.display().to_string(),
            size: metadata.len(),
            limit: LIMIT,
        });
    }
    Ok(())
}

fn what(metadata: &std::fs::Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt as _;
    let kind = metadata.file_type();
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

fn not_utf8(name: String, bytes: &[u8], valid: usize) -> ReadError {
    let (good, bad) = bytes.split_at_checked(valid).unwrap_or_default();
    let good = String::from_utf8_lossy(good);
    let good = good.strip_prefix('\u{feff}').unwrap_or(&good);
    let line = good.matches('\n').count() + 1;
    let column = good.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    if bytes.contains(&0) {
        return ReadError::Binary { name, line, column };
    }
    ReadError::NotUtf8 {
        name,
        line,
        column,
        byte: bad.first().copied().unwrap_or_default(),
    }
}
