//! Lists that come page by page: tags, and what refers to a manifest.

use reqwest::Url;

use super::doing::Doing;
use super::endpoint::authority;
use super::exchange::Answer;
use super::link::following;
use super::manifest::MOST as MOST_BYTES;
use super::{Error, Repository};

/// Pages of a list that are read at most: each of tags has a hundred or a thousand. Who answers with one that is empty
/// and another one behind it is not asked for ever.
const MOST: usize = 1000;

/// A list on its way. All of its pages may have as many bytes as one manifest: what is kept of them is no less.
pub struct Pages<'a> {
    repository: &'a Repository,
    doing: &'a Doing,
    next: Option<Url>,
    read: usize,
    bytes: usize,
}

impl<'a> Pages<'a> {
    /// The list whose first page is at `first`.
    pub const fn new(repository: &'a Repository, first: Url, doing: &'a Doing) -> Self {
        Self {
            repository,
            doing,
            next: Some(first),
            read: 0,
            bytes: 0,
        }
    }

    /// How many have been read.
    pub const fn read(&self) -> usize {
        self.read
    }

    /// The next page; `None` behind the last one.
    ///
    /// # Errors
    /// The registry cannot be asked, or its list has no end.
    pub fn next(&mut self) -> Result<Option<Answer>, Error> {
        let Some(url) = self.next.take() else {
            return Ok(None);
        };
        if self.read >= MOST {
            return Err(self.wrong(format!("its list has more than {MOST} pages")));
        }
        let answer = self.repository.ask_whole(url.clone(), Vec::new(), self.doing)?;
        self.read += 1;
        self.bytes += answer.body.len();
        if self.bytes > MOST_BYTES {
            return Err(self.wrong(format!("its list has more than {MOST_BYTES} bytes")));
        }
        self.next = following(&url, &answer.headers)
            .map(|next| self.at_home(next))
            .transpose()?;
        Ok(Some(answer))
    }

    /// The next page where it is the registry's own. Who would end a list before it took it for whole.
    fn at_home(&self, next: Url) -> Result<Url, Error> {
        let host = &self.repository.host;
        let next = host.as_before(next);
        if host.is_home_of(&next) {
            return Ok(next);
        }
        let (scheme, there) = (next.scheme(), authority(&next));
        Err(self.wrong(format!("its list goes on at `{scheme}://{there}`")))
    }

    fn wrong(&self, what: String) -> Error {
        Error::Protocol {
            host: self.repository.host.name.clone(),
            doing: self.doing.clone(),
            what,
        }
    }
}
