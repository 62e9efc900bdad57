use std::sync::Arc;

use fs_err::os::unix::fs::FileExt as _;

use super::flusher::Flusher;
use crate::store::{Error, Flow, Place, Reading, Slot};

/// How much is written before the device is asked to begin with it.
const FLUSH: u64 = 64 << 20;

/// A blob on its way from a network to its slots. What an earlier transfer left in the only slot is read back from it
/// instead, so that it is hashed too; or passed over, where nobody hashes it here.
pub struct FlowIntake<'a> {
    flow: Arc<dyn Flow>,
    reading: Option<Box<dyn Reading>>,
    slots: Vec<(Box<dyn Slot + 'a>, Option<Place>)>,
    position: u64,
    /// How many bytes are in the only slot already.
    held: u64,
    flusher: Option<Flusher>,
    /// Position up to which the device was asked to write.
    flushed: u64,
}

impl<'a> FlowIntake<'a> {
    pub fn new(
        flow: Arc<dyn Flow>,
        mut slots: Vec<Box<dyn Slot + 'a>>,
        is_hashed: bool,
        flusher: Option<Flusher>,
    ) -> Result<Self, Error> {
        let (held, position) = match slots.as_mut_slice() {
            [slot] if is_hashed => (slot.held(), 0),
            [slot] => (0, slot.skip()?),
            _ => (0, 0),
        };
        let slots = slots.into_iter().map(|slot| {
            let place = slot.place();
            (slot, place)
        });
        Ok(Self {
            flow,
            reading: None,
            slots: slots.collect(),
            position,
            held,
            flusher,
            flushed: held.max(position),
        })
    }

    /// Before anything is read: how many bytes an earlier transfer has brought, and how many of those are read back.
    pub const fn found(&self) -> (u64, u64) {
        (self.position + self.held, self.held)
    }

    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let read = if self.position < self.held {
            self.read_back(buffer)?
        } else {
            self.receive(buffer)?
        };
        self.position += read as u64;
        Ok(read)
    }

    /// It is not what its digest says. Whether it may be, once it is begun anew: what an earlier transfer has left may be
    /// to blame, or there is another place to have it from.
    pub fn may_be_better(&self) -> bool {
        self.held > 0 || self.flow.distrust()
    }

    pub fn finish(self) -> Vec<Box<dyn Slot + 'a>> {
        self.slots.into_iter().map(|(slot, _)| slot).collect()
    }

    fn read_back(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let left = usize::try_from(self.held - self.position).unwrap_or(usize::MAX);
        let length = buffer.len().min(left);
        let buffer = buffer.get_mut(..length).unwrap_or_default();
        let read = match self.slots.first() {
            Some((_, Some(place))) => place
                .file
                .read_at(buffer, place.offset + self.position)
                .map_err(Error::writing)?,
            _ => 0,
        };
        if read == 0 {
            // It is shorter than it was: the rest comes anew.
            self.held = self.position;
            return self.receive(buffer);
        }
        Ok(read)
    }

    fn receive(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let reading = match &mut self.reading {
            Some(reading) => reading,
            None => self.reading.insert(self.flow.from(self.position)),
        };
        let read = reading.read(buffer)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        for (slot, place) in &mut self.slots {
            match place {
                Some(place) => place
                    .file
                    .write_all_at(bytes, place.offset + self.position)
                    .map_err(Error::writing)?,
                None => slot.write(bytes)?,
            }
        }
        self.flush(self.position + read as u64);
        Ok(read)
    }

    /// Has the device begin with what was written, now and then.
    fn flush(&mut self, written: u64) {
        let Some(flusher) = &self.flusher else { return };
        if written - self.flushed < FLUSH {
            return;
        }
        let places = self.slots.iter().filter_map(|(_, place)| place.as_ref());
        for place in places.filter(|place| place.synced) {
            if flusher.ask(&place.file) {
                self.flushed = written;
            }
        }
    }
}
