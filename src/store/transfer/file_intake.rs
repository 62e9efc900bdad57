use std::sync::Arc;
use std::thread::Scope;

use fs_err::File;
use fs_err::os::unix::fs::FileExt as _;

use super::flusher::Flusher;
use super::window::{Copier, Goal, Window};
use crate::store::{Content, Error, Place, Slot, os};

/// How far the kernel copies ahead of the hash: far enough to keep the disk busy, near enough that what is hashed is
/// still in the cache.
const WINDOW: u64 = 8 << 20;

/// How much is written before the device is asked to begin with it.
const FLUSH: u64 = 64 << 20;

/// A blob on its way from its file to its slots: gives its bytes in order, having written them.
///
/// Where a slot has a place, the kernel copies the file there and the bytes are read back from the copy: what is hashed
/// is what is stored, whatever happens to the source meanwhile. Where all slots share the blocks of the whole file, the
/// source is read instead, because the cache holds its bytes and not the copy's: a change to it would show, if it was at
/// rest before.
pub struct FileIntake<'a> {
    content: Content,
    slots: Vec<Target<'a>>,
    /// Offset in the blob of the next byte to give.
    position: u64,
    /// Bytes of the file that the kernel has copied to every slot that it copies to.
    copied: u64,
    /// Who has windows copied ahead of the hash; else they are when they are needed.
    copier: Option<Copier>,
    /// Bytes of the file that will have been copied once the copier is done.
    asked: u64,
    /// Whether the bytes are read from the source although there are copies.
    read_source: bool,
    /// How many bytes an earlier transfer has brought to the only slot.
    found: u64,
    flusher: Option<Flusher>,
    /// Position up to which the device was asked to write.
    flushed: u64,
}

struct Target<'a> {
    slot: Box<dyn Slot + 'a>,
    place: Option<Place>,
    /// Whether the kernel copies there.
    by_kernel: bool,
}

impl<'a> FileIntake<'a> {
    pub fn new(content: Content, slots: Vec<Box<dyn Slot + 'a>>, found: u64, flusher: Option<Flusher>) -> Self {
        os::expect_sequential(&content.file);
        let target = |slot: Box<dyn Slot + 'a>| {
            let place = slot.place();
            let by_kernel = place.is_some();
            Target { slot, place, by_kernel }
        };
        let settled = content.is_settled();
        let slots: Vec<_> = slots.into_iter().map(target).collect();
        let whole = content.is_whole_file() && !slots.is_empty();
        let shared = whole && slots.iter().all(|target| target.shares(&content));
        Self {
            read_source: shared && settled,
            copied: if shared { content.length } else { 0 },
            copier: None,
            asked: 0,
            content,
            slots,
            position: 0,
            found,
            flusher,
            flushed: 0,
        }
    }

    /// How many bytes an earlier transfer has brought, all of which are read all the same.
    pub const fn found(&self) -> (u64, u64) {
        (self.found, self.found)
    }

    /// Fills the start of `buffer` with the next bytes of the blob, which are then in every slot; 0 at the end.
    pub fn read(&mut self, buffer: &mut [u8]) -> Result<usize, Error> {
        let prefix = self.content.prefix.len() as u64;
        let file = self.content.length;
        if self.position < prefix {
            return self.read_around(buffer, 0);
        }
        let offset = self.position - prefix;
        if offset >= file {
            return self.read_around(buffer, file);
        }
        let length = buffer.len().min(usize::try_from(file - offset).unwrap_or(usize::MAX));
        let buffer = buffer.get_mut(..length).unwrap_or_default();
        while self.copied < offset + length as u64 && self.copies_by_kernel() {
            self.copy_window(offset)?;
        }
        self.copy_ahead(offset)?;
        let read = if let Some((copy, start)) = self.read_from() {
            copy.read_at(buffer, start + self.position).map_err(Error::writing)?
        } else {
            let start = self.content.offset + offset;
            self.content.file.read_at(buffer, start).map_err(Error::reading)?
        };
        if read == 0 {
            return Err(self.changed());
        }
        let bytes = buffer.get(..read).unwrap_or_default();
        for target in self.slots.iter_mut().filter(|target| !target.by_kernel) {
            target.write(self.position, bytes)?;
        }
        self.position += read as u64;
        self.flush();
        Ok(read)
    }

    /// Has the device begin with what was written, now and then.
    fn flush(&mut self) {
        let Some(flusher) = &self.flusher else { return };
        let written = self.position.max(self.copied);
        if written.saturating_sub(self.flushed) < FLUSH {
            return;
        }
        let places = self
            .slots
            .iter()
            .filter_map(|target| target.place.as_ref())
            .filter(|place| place.synced);
        for place in places {
            if flusher.ask(&place.file) {
                self.flushed = written;
            }
        }
    }

    /// The slots, all bytes in them.
    ///
    /// # Errors
    /// [`Error::Changed`] where the file is not what it was when it was listed.
    pub fn finish(self) -> Result<(Content, Vec<Box<dyn Slot + 'a>>), Error> {
        self.content.verify_unchanged()?;
        Ok((self.content, self.slots.into_iter().map(|target| target.slot).collect()))
    }

    /// Reads from what surrounds the file; `file` is the size of the file where it lies behind.
    fn read_around(&mut self, buffer: &mut [u8], file: u64) -> Result<usize, Error> {
        let (around, before) = if file == 0 && self.position < self.content.prefix.len() as u64 {
            (&self.content.prefix, 0)
        } else {
            (&self.content.suffix, self.content.prefix.len() as u64 + file)
        };
        let rest = usize::try_from(self.position - before)
            .ok()
            .and_then(|start| around.get(start..))
            .unwrap_or_default();
        let length = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..length), rest.get(..length)) {
            to.copy_from_slice(from);
            for target in &mut self.slots {
                target.write(self.position, from)?;
            }
        }
        self.position += length as u64;
        Ok(length)
    }

    fn copies_by_kernel(&self) -> bool {
        self.slots.iter().any(|target| target.by_kernel)
    }

    /// The copy to read back from, and where the blob begins in it.
    fn read_from(&self) -> Option<(Arc<File>, u64)> {
        if self.read_source {
            return None;
        }
        let place = self.slots.iter().find(|target| target.by_kernel)?.place.as_ref()?;
        Some((place.file.clone(), place.offset))
    }

    /// Copies the first window here, and has a thread of its own copy the others where the kernel can copy to all slots.
    /// Returns whether it does: whoever reads has nothing to do then but to read.
    pub fn copies_ahead<'scope>(&mut self, scope: &'scope Scope<'scope, '_>) -> Result<bool, Error> {
        if self.slots.is_empty() || self.copied >= self.content.length {
            return Ok(false);
        }
        self.copy_window(0)?;
        if self.slots.iter().all(|target| target.by_kernel) {
            self.copier = Some(Copier::start(scope)?);
        }
        Ok(self.copier.is_some())
    }

    /// The next window, to every slot that the kernel copies to.
    fn next_window(&self) -> Window {
        let prefix = self.content.prefix.len() as u64;
        let by_kernel = self.slots.iter().enumerate().filter(|(_, target)| target.by_kernel);
        let goals = by_kernel.filter_map(|(slot, target)| {
            let place = target.place.as_ref()?;
            Some(Goal {
                slot,
                file: place.file.clone(),
                offset: place.offset + prefix + self.copied,
            })
        });
        Window {
            from: self.content.file.clone(),
            offset: self.content.offset + self.copied,
            length: WINDOW.min(self.content.length - self.copied),
            to: goals.collect(),
        }
    }

    /// Has the kernel copy the next window of the file, or waits for it; `read` bytes of the file were read.
    fn copy_window(&mut self, read: u64) -> Result<(), Error> {
        let others = match &self.copier {
            Some(copier) if self.asked > self.copied => copier.wait()?,
            _ => self.next_window().copy()?,
        };
        self.copied_but(&others, read);
        Ok(())
    }

    /// Keeps the copier busy, about a window ahead of what is read.
    fn copy_ahead(&mut self, read: u64) -> Result<(), Error> {
        let Some(copier) = &self.copier else { return Ok(()) };
        if self.asked > self.copied {
            let Some(others) = copier.look()? else { return Ok(()) };
            self.copied_but(&others, read);
        }
        let is_needed = self.copied < self.content.length && self.copied - read <= 2 * WINDOW;
        if is_needed && self.copies_by_kernel() {
            let window = self.next_window();
            self.asked = self.copied + window.length;
            if let Some(copier) = &self.copier {
                copier.ask(window);
            }
        }
        Ok(())
    }

    /// The next window is in all slots but `others`, whose bytes go through our hands from now on: what was copied there
    /// but not yet given is the reader's to write again.
    fn copied_but(&mut self, others: &[usize], read: u64) {
        for slot in others {
            if let Some(target) = self.slots.get_mut(*slot) {
                target.by_kernel = false;
            }
        }
        if self.copies_by_kernel() {
            self.copied += WINDOW.min(self.content.length - self.copied);
        } else {
            self.copied = read;
            self.copier = None;
        }
        self.asked = self.copied;
    }

    fn changed(&self) -> Error {
        Error::Changed {
            path: self.content.file.path().into(),
        }
    }
}

impl Target<'_> {
    /// Whether the whole of `content` is in the slot now, sharing the blocks of its file.
    fn shares(&self, content: &Content) -> bool {
        let place = self.place.as_ref().filter(|place| place.offset == 0);
        place.is_some_and(|place| os::share(&content.file, &place.file))
    }

    /// Writes bytes that begin at `position` of the blob.
    fn write(&mut self, position: u64, bytes: &[u8]) -> Result<(), Error> {
        match &self.place {
            Some(place) => place
                .file
                .write_all_at(bytes, place.offset + position)
                .map_err(Error::writing),
            None => self.slot.write(bytes),
        }
    }
}
