use std::io::ErrorKind;

use fs_err::os::unix::fs::FileExt as _;

use super::finisher::Complete;
use super::queue::{Job, LARGE};
use super::shared::{Shared, check};
use crate::digest::Digest;
use crate::store::{Bytes, Content, Error, Event};

/// A thread for fewer files than this costs more than it brings.
pub const FILES_PER_THREAD: usize = 64;

/// How many threads read small files beside the workers: on a cold disk 8 threads read 10,000 files three times as fast
/// as one, however few cores there are.
pub fn extra_threads(jobs: usize, files: usize) -> usize {
    // One job is one thread: somebody asked for that.
    if jobs == 1 {
        0
    } else {
        (3 * jobs).min(24).min(files / FILES_PER_THREAD)
    }
}

/// Takes small blobs until none is left. What failed is noted in `shared`.
pub fn run(shared: &Shared<'_>) {
    let mut buffer = Vec::new();
    for job in shared.small.take() {
        if shared.is_stopped() {
            return;
        }
        if let Err(error) = process(job, &mut buffer, shared) {
            shared.fail(error);
        }
    }
}

fn process(job: &Job, buffer: &mut Vec<u8>, shared: &Shared<'_>) -> Result<(), Error> {
    let blob = shared.blob(job.index)?;
    let known = match &job.digest {
        Some(digest) => {
            let slots = shared.slots_for_digest(job.index, &job.destinations, digest, None)?;
            if slots.is_empty() {
                shared.progress.event(Event::Spared { size: blob.size });
                return Ok(());
            }
            Some(slots)
        }
        None => None,
    };
    shared.progress.event(Event::Started {
        name: &blob.name,
        size: blob.size,
    });
    let bytes = shared.source.open(job.index, &shared.stop)?;
    let digest = loop {
        read(&bytes, blob.size, buffer)?;
        let digest = Digest::of(buffer);
        match (check(&blob.name, job.digest, digest), &bytes) {
            (Ok(()), _) => break digest,
            (Err(_), Bytes::Flow(flow)) if flow.distrust() => {}
            (Err(error), _) => return Err(error),
        }
    };
    let content = bytes.file();
    shared.progress.event(Event::Advanced {
        name: &blob.name,
        bytes: blob.size,
    });
    shared.hashed(blob, job.index, content, digest);
    let slots = match known {
        Some(slots) => match content {
            Some(content) => shared.link(blob, slots, content, &digest)?,
            None => slots,
        },
        None => shared.slots_for_digest(job.index, &job.destinations, &digest, content)?,
    };
    let mut filled = Vec::with_capacity(slots.len());
    for (destination, mut slot) in slots {
        slot.reads_from(&bytes);
        slot.write(buffer)?;
        filled.push((destination, slot));
    }
    Complete {
        blob,
        digest,
        slots: filled,
    }
    .commit(shared)
}

/// Reads the whole blob into `buffer`.
fn read(bytes: &Bytes, size: u64, buffer: &mut Vec<u8>) -> Result<(), Error> {
    match bytes {
        Bytes::File(content) => read_file(content, buffer),
        Bytes::Flow(flow) => {
            let mut reading = flow.from(0);
            buffer.clear();
            buffer.resize(usize::try_from(size.min(LARGE)).unwrap_or_default(), 0);
            let mut filled = 0;
            while filled < buffer.len() {
                match reading.read(buffer.get_mut(filled..).unwrap_or_default())? {
                    0 => break,
                    read => filled += read,
                }
            }
            buffer.truncate(filled);
            Ok(())
        }
    }
}

fn read_file(content: &Content, buffer: &mut Vec<u8>) -> Result<(), Error> {
    buffer.clear();
    buffer.extend_from_slice(&content.prefix);
    // One byte more than there should be where the file ends, so that one that grew is noticed and one that never ends
    // does no harm. The kernel gives less than it is asked for at the end alone: one call reads the file.
    let length = content.length.min(LARGE);
    let asked = length + u64::from(content.offset + content.length == content.stamp.size);
    let begin = buffer.len();
    buffer.resize(begin + usize::try_from(asked).unwrap_or_default(), 0);
    let mut read = 0;
    while read < length {
        let rest = usize::try_from(read)
            .ok()
            .and_then(|read| buffer.get_mut(begin + read..));
        match content.file.read_at(rest.unwrap_or_default(), content.offset + read) {
            Ok(0) => break,
            Ok(more) => read += more as u64,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(Error::reading(error)),
        }
    }
    if read != content.length {
        return Err(Error::Changed {
            path: content.file.path().into(),
        });
    }
    buffer.truncate(begin + usize::try_from(read).unwrap_or_default());
    buffer.extend_from_slice(&content.suffix);
    content.verify_unchanged()
}
