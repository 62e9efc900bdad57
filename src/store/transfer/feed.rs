use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::Scope;

use super::intake::Intake;
use crate::store::Error;

/// A lone blob from this size on has a thread of its own that reads ahead; for smaller ones it does not pay.
const AHEAD: u64 = 8 << 20;

/// Buffers of all threads that read ahead, in bytes. More does not make it faster.
const BUDGET: usize = 32 << 20;

/// The buffer of a lane that reads for itself: small enough that two of them stay in a core's own cache while the kernel
/// fills one. Four warm files on two cores are hashed a fifth faster so than with threads that read ahead, which move
/// every byte through memory once more; with 64 KiB they cost 0.40 s of a core for each GiB, with 128 KiB 0.44.
const CHUNK: usize = 64 << 10;

/// Where a lane's bytes come from.
pub enum Feed<'a> {
    /// Read when they are needed.
    Inline(Box<Intake<'a>>),
    /// Read ahead by another thread.
    Ahead {
        full: Receiver<Message<'a>>,
        empty: Sender<Vec<u8>>,
    },
    /// There are no more.
    Ended(Box<Intake<'a>>),
    /// They could not be read.
    Failed,
}

/// What a thread that reads ahead has.
pub enum Message<'a> {
    Bytes(Vec<u8>, usize),
    End(Box<Intake<'a>>),
    Failed(Error),
}

impl<'a> Feed<'a> {
    /// The feed of a blob of `size` bytes, and the first buffer for it. A `lone` blob has one of `jobs` workers, and with
    /// it a core, to itself.
    pub fn new<'scope>(
        mut intake: Intake<'a>,
        size: u64,
        lone: bool,
        jobs: usize,
        scope: &'scope Scope<'scope, '_>,
    ) -> Result<(Self, Vec<u8>), Error>
    where
        'a: 'scope,
    {
        if lone && size >= AHEAD && !intake.copies_ahead(scope)? {
            let (chunk, depth) = buffers(jobs);
            return Ok((read_ahead(intake, chunk, depth, scope)?, Vec::new()));
        }
        Ok((Self::Inline(Box::new(intake)), vec![0; CHUNK]))
    }

    /// Puts the next bytes into the start of `chunk`, or into another buffer that takes its place. Returns how many they
    /// are: 0 at the end.
    pub fn fill(&mut self, chunk: &mut Vec<u8>) -> Result<usize, Error> {
        match std::mem::replace(self, Self::Failed) {
            Self::Inline(mut intake) => {
                let filled = intake.read(chunk)?;
                *self = if filled == 0 {
                    Self::Ended(intake)
                } else {
                    Self::Inline(intake)
                };
                Ok(filled)
            }
            Self::Ahead { full, empty } => {
                if !chunk.is_empty() {
                    // The reader has gone where it met the end of the blob.
                    let _ = empty.send(std::mem::take(chunk));
                }
                match full.recv() {
                    Ok(Message::Bytes(bytes, filled)) => {
                        *chunk = bytes;
                        *self = Self::Ahead { full, empty };
                        Ok(filled)
                    }
                    Ok(Message::End(intake)) => {
                        *self = Self::Ended(intake);
                        Ok(0)
                    }
                    Ok(Message::Failed(error)) => Err(error),
                    Err(_) => Err(Error::reading(std::io::Error::other("the reading thread went away"))),
                }
            }
            ended @ Self::Ended(_) => {
                *self = ended;
                Ok(0)
            }
            Self::Failed => Ok(0),
        }
    }

    /// Whether every byte was read.
    pub const fn has_ended(&self) -> bool {
        matches!(self, Self::Ended(_))
    }

    /// What the bytes came by, where every one was read.
    pub fn into_ended(self) -> Option<Intake<'a>> {
        match self {
            Self::Ended(intake) => Some(*intake),
            Self::Inline(_) | Self::Ahead { .. } | Self::Failed => None,
        }
    }
}

/// How large the chunks of a thread that reads ahead are, and how many of them it has.
const fn buffers(jobs: usize) -> (usize, usize) {
    let chunk = if jobs <= 16 { 1 << 20 } else { 256 << 10 };
    let depth = BUDGET / (jobs * chunk);
    (
        chunk,
        if depth < 2 {
            2
        } else if depth > 6 {
            6
        } else {
            depth
        },
    )
}

/// Reads a blob on a thread of its own, `depth` chunks ahead of the hash.
fn read_ahead<'a, 'scope>(
    mut intake: Intake<'a>,
    chunk: usize,
    depth: usize,
    scope: &'scope Scope<'scope, '_>,
) -> Result<Feed<'a>, Error>
where
    'a: 'scope,
{
    let (to_hash, full): (SyncSender<Message<'a>>, _) = sync_channel(depth);
    let (empty, to_fill) = channel::<Vec<u8>>();
    for _ in 0..depth {
        // The receiver is right here.
        let _ = empty.send(vec![0; chunk]);
    }
    let read = move || {
        // Either channel closes when the lane is dropped, because something failed elsewhere.
        while let Ok(mut buffer) = to_fill.recv() {
            let message = match intake.read(&mut buffer) {
                Ok(0) => {
                    let _ = to_hash.send(Message::End(Box::new(intake)));
                    return;
                }
                Ok(filled) => Message::Bytes(buffer, filled),
                Err(error) => {
                    // Nobody is to find its slots taken who begins it anew.
                    drop(intake);
                    let _ = to_hash.send(Message::Failed(error));
                    return;
                }
            };
            if to_hash.send(message).is_err() {
                return;
            }
        }
    };
    super::worker::start("read ahead", scope, read)?;
    Ok(Feed::Ahead { full, empty })
}
