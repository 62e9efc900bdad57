use std::thread::Scope;

use super::file_intake::FileIntake;
use super::flow_intake::FlowIntake;
use super::flusher::Flusher;
use crate::store::{Bytes, Content, Error, Slot};

/// A blob on its way from where it is to its slots: gives its bytes in order, having written them.
pub enum Intake<'a> {
    /// From a file.
    File(FileIntake<'a>),
    /// From elsewhere.
    Flow(FlowIntake<'a>),
}

/// The file that a blob came from, if it is one, and the slots that have all of its bytes.
pub type Drained<'a> = (Option<Content>, Vec<Box<dyn Slot + 'a>>);

impl<'a> Intake<'a> {
    /// Begins to read `bytes`; `is_hashed` where whoever reads them has to see each of them.
    pub fn new(
        bytes: Bytes,
        mut slots: Vec<Box<dyn Slot + 'a>>,
        is_hashed: bool,
        flusher: Option<Flusher>,
    ) -> Result<Self, Error> {
        for slot in &mut slots {
            slot.reads_from(&bytes);
        }
        Ok(match bytes {
            Bytes::File(content) => {
                let found = match slots.as_mut_slice() {
                    [slot] => slot.found()?,
                    _ => 0,
                };
                Self::File(FileIntake::new(content, slots, found, flusher))
            }
            Bytes::Flow(flow) => Self::Flow(FlowIntake::new(flow, slots, is_hashed, flusher)?),
        })
    }

    /// How many bytes of the blob an earlier transfer has brought, and how many of those are read all the same.
    pub const fn found(&self) -> (u64, u64) {
        match self {
            Self::File(intake) => intake.found(),
            Self::Flow(intake) => intake.found(),
        }
    }

    /// Has its bytes written ahead of who reads them, by a thread of its own; returns whether that can be had.
    pub fn copies_ahead<'scope>(&mut self, scope: &'scope Scope<'scope, '_>) -> Result<bool, Error> {
        match self {
            Self::File(intake) => intake.copies_ahead(scope),
            Self::Flow(_) => Ok(false),
        }
    }

    /// Fills the start of `buffer` with the next bytes of the blob, which are then in every slot; 0 at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        match self {
            Self::File(intake) => intake.read(buffer),
            Self::Flow(intake) => intake.read(buffer),
        }
    }

    /// It is not what its digest says. Whether it may be, once it is begun anew.
    pub fn may_be_better(&self) -> bool {
        match self {
            Self::File(_) => false,
            Self::Flow(intake) => intake.may_be_better(),
        }
    }

    /// The slots, all bytes in them, and the file that they came from.
    ///
    /// # Errors
    /// [`Error::Changed`] where the file is not what it was when it was listed.
    pub fn finish(self) -> Result<Drained<'a>, Error> {
        match self {
            Self::File(intake) => intake.finish().map(|(content, slots)| (Some(content), slots)),
            Self::Flow(intake) => Ok((None, intake.finish())),
        }
    }
}
