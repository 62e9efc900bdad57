use super::making::{Made, Making};
use super::variant::{self, Entry};
use super::{Checked, Found, MOST_NESTED, OpenError, Shelf};

/// The manifests in an index and in those within it, in their order.
#[derive(Default)]
pub struct Leaves {
    /// Each manifest; and each index that cannot be looked into, as if it were one.
    pub entries: Vec<Entry>,
    /// Why the first of these cannot.
    pub unread: Option<OpenError>,
}

/// What looks into indexes, and makes nothing of artifacts.
type Looking<'a> = Making<'a, (), fn(&Found) -> Result<Option<()>, OpenError>>;

impl Leaves {
    /// Those of `index`.
    pub fn of(index: &Checked, shelf: &dyn Shelf) -> Result<Self, OpenError> {
        let mut leaves = Self::default();
        let mut looking: Looking<'_> = Making::new(shelf, |_| Ok(None));
        for entry in variant::entries(&index.bytes) {
            leaves.add(entry, &mut looking, MOST_NESTED - 1)?;
        }
        Ok(leaves)
    }

    /// Adds `entry`, or what is in it, where it is an index, over so many `steps`.
    fn add(&mut self, entry: Entry, looking: &mut Looking<'_>, steps: usize) -> Result<(), OpenError> {
        if steps > 0 && entry.is_index() {
            match looking.made(&entry.descriptor, None) {
                Ok(Made::Index(inner)) => {
                    return inner.iter().try_for_each(|inner| {
                        looking.count(entry.said())?;
                        self.add(inner.within(&entry), looking, steps - 1)
                    });
                }
                Ok(Made::Artifact(_)) => {}
                // What is wrong with one that nobody chooses is not ours to say.
                Err(error) if error.is_of_one() => self.unread = self.unread.take().or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        self.entries.push(entry);
        Ok(())
    }
}
