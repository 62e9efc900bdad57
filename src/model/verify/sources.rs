use super::survey::Broken;
use super::{Unasked, VerifyError};
use crate::registry::Client;
use crate::store::house::Mending;
use crate::store::stored::{Flaw, Store};
use crate::store::{Cancel, Error, Progress, Reference};

/// The places to repair from.
pub struct Sources<'a> {
    stores: Vec<(&'a Reference, Store)>,
    pub unasked: Vec<Unasked>,
}

impl<'a> Sources<'a> {
    pub fn open(from: &'a [Reference], client: &Client) -> Self {
        let mut sources = Self {
            stores: Vec::new(),
            unasked: Vec::new(),
        };
        for from in from {
            match Store::open(from, client) {
                Ok(store) => sources.stores.push((from, store)),
                Err(error) => sources.unasked.push(Unasked {
                    place: from.location.to_string(),
                    error: error.into(),
                }),
            }
        }
        sources
    }

    /// What the first place has that has it. One that cannot be asked is not asked again.
    ///
    /// # Errors
    /// It is not a place's fault.
    pub fn first<T>(
        &mut self,
        cancel: &Cancel,
        mut ask: impl FnMut(&Reference, &Store) -> Result<Option<T>, VerifyError>,
    ) -> Result<Option<T>, VerifyError> {
        let mut at = 0;
        while let Some((reference, store)) = self.stores.get(at) {
            match ask(reference, store) {
                Ok(None) => at += 1,
                Err(error @ (VerifyError::Open(_) | VerifyError::Store(Error::Registry { .. })))
                    if !cancel.is_cancelled() =>
                {
                    let (_, store) = self.stores.remove(at);
                    let place = store.name();
                    self.unasked.push(Unasked { place, error });
                }
                found => return found,
            }
        }
        Ok(None)
    }

    /// Fetches a blob from the first place that has it whole; if none has, gives what is wrong with it in each.
    ///
    /// # Errors
    /// As those of [`Self::first`].
    pub fn fetch(
        &mut self,
        mending: &Mending,
        broken: &Broken,
        progress: &dyn Progress,
        cancel: &Cancel,
    ) -> Result<Option<Vec<(String, Flaw)>>, VerifyError> {
        let mut asked = Vec::new();
        let fetched = self.first(cancel, |_, source| {
            let mut sought = broken.sought.clone();
            if broken.is_orphan {
                sought.size = source.size(&sought.digest).unwrap_or(sought.size);
            }
            let fetched = mending.fetch(source, &sought, broken.is_manifest, progress, cancel)?;
            Ok(fetched.map_err(|flaw| asked.push((source.name(), flaw))).ok())
        })?;
        Ok(fetched.is_none().then_some(asked))
    }
}
