use std::io;
use std::sync::Arc;

use fs_err::File;
use fs_err::os::unix::fs::FileExt as _;

use super::Content;
use super::source::{Flow, Reading};
use crate::digest::Stamp;
use crate::registry;

/// A blob's bytes once more, from any place on: what a destination needs that was sent some and lost them.
pub struct Again(Kind);

enum Kind {
    File {
        file: Arc<File>,
        offset: u64,
        length: u64,
        stamp: Stamp,
        prefix: Vec<u8>,
        suffix: Vec<u8>,
    },
    Flow {
        flow: Arc<dyn Flow>,
        /// Where the one that runs is.
        running: Option<(u64, Box<dyn Reading>)>,
    },
}

impl Again {
    pub(super) fn of_file(content: &Content) -> Self {
        Self(Kind::File {
            file: content.file.clone(),
            offset: content.offset,
            length: content.length,
            stamp: content.stamp,
            prefix: content.prefix.clone(),
            suffix: content.suffix.clone(),
        })
    }

    pub(super) fn of_flow(flow: Arc<dyn Flow>) -> Self {
        Self(Kind::Flow { flow, running: None })
    }

    /// What tells the blob from any other as long as its file does not change: the file's stamp, where in it the blob
    /// begins, and how many bytes stand before and behind it.
    #[must_use]
    pub fn identity(&self) -> Option<(Stamp, (u64, usize, usize))> {
        match &self.0 {
            Kind::File {
                offset,
                stamp,
                prefix,
                suffix,
                ..
            } => Some((*stamp, (*offset, prefix.len(), suffix.len()))),
            Kind::Flow { .. } => None,
        }
    }
}

impl registry::Again for Again {
    fn read_at(&mut self, position: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Kind::File {
                file,
                offset,
                length,
                prefix,
                suffix,
                ..
            } => {
                let before = prefix.len() as u64;
                let around = if position < before {
                    rest(prefix, position)
                } else if position - before >= *length {
                    rest(suffix, position - before - *length)
                } else {
                    let at = position - before;
                    let left = usize::try_from(*length - at).unwrap_or(usize::MAX);
                    let count = buffer.len().min(left);
                    return file.read_at(buffer.get_mut(..count).unwrap_or_default(), *offset + at);
                };
                let count = buffer.len().min(around.len());
                if let (Some(to), Some(from)) = (buffer.get_mut(..count), around.get(..count)) {
                    to.copy_from_slice(from);
                }
                Ok(count)
            }
            Kind::Flow { flow, running } => {
                let mut reading = match running.take() {
                    Some((at, reading)) if at == position => reading,
                    _ => flow.from(position),
                };
                let read = reading.read(buffer).map_err(io::Error::other)?;
                *running = Some((position + read as u64, reading));
                Ok(read)
            }
        }
    }
}

fn rest(bytes: &[u8], from: u64) -> &[u8] {
    usize::try_from(from)
        .ok()
        .and_then(|from| bytes.get(from..))
        .unwrap_or_default()
}
