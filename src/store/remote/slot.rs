use super::destination::Remote;
use crate::digest::Digest;
use crate::registry::{Called, Identity, Parcel, Session, Upload};
use crate::store::{Bytes, Error, Outcome, Slot};

/// A blob on its way into a repository.
pub struct RemoteSlot<'a> {
    remote: &'a Remote,
    /// The layer's name.
    name: String,
    parcel: Parcel,
    /// There is none before it is known where the bytes come from.
    upload: Option<Upload<'static>>,
}

impl<'a> RemoteSlot<'a> {
    /// `begun` is an upload that the registry has begun for it already.
    pub fn new(remote: &'a Remote, name: &str, size: u64, digest: Option<Digest>, begun: Option<Session>) -> Self {
        let parcel = Parcel {
            called: Called::Layer(name.to_owned()),
            size,
            digest,
            names: digest.map(Identity::Digest).into_iter().collect(),
            begun,
        };
        Self {
            remote,
            name: name.to_owned(),
            parcel,
            upload: None,
        }
    }

    fn failed(&self, error: impl Into<Error>) -> Error {
        error.into().about(&self.name)
    }
}

impl Slot for RemoteSlot<'_> {
    fn reads_from(&mut self, bytes: &Bytes) {
        let again = bytes.again();
        let file = again.identity().map(|(stamp, part)| Identity::File(stamp, part));
        self.parcel.names.extend(file);
        let upload = Upload::new(
            self.remote.repository(),
            self.parcel.clone(),
            Box::new(again),
            self.remote.uploads(),
        );
        self.upload = Some(upload);
    }

    fn skip(&mut self) -> Result<u64, Error> {
        match &mut self.upload {
            Some(upload) => upload.skip().map_err(|error| self.failed(error)),
            None => Err(unknown_source()),
        }
    }

    fn found(&mut self) -> Result<u64, Error> {
        match &mut self.upload {
            Some(upload) => upload.found().map_err(|error| self.failed(error)),
            None => Err(unknown_source()),
        }
    }

    fn spoil(&mut self) {
        if let Some(upload) = self.upload.take() {
            upload.spoil();
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        match &mut self.upload {
            Some(upload) => upload.write(bytes).map_err(|error| self.failed(error)),
            None => Err(unknown_source()),
        }
    }

    fn commit(mut self: Box<Self>, digest: &Digest) -> Result<Outcome, Error> {
        let upload = self.upload.take().ok_or_else(unknown_source)?;
        upload.commit(digest).map_err(|error| self.failed(error))?;
        self.remote.note_change();
        Ok(Outcome::Written)
    }
}

fn unknown_source() -> Error {
    Error::reading(std::io::Error::other("nobody said where the bytes come from"))
}
