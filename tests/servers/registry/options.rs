//! How the registry behaves: by default as the specification wishes, else as some in the field do.

use std::sync::Arc;

use super::token::Tokens;
use crate::servers::http::{Reply, Request};

#[derive(Clone, Default)]
pub struct Options {
    pub sessions: Sessions,
    pub uploads: Uploads,
    pub ranges: Ranges,
    pub access: Access,
    /// Features that it lacks.
    pub without: Vec<Feature>,
    /// `OCI-Chunk-Min-Length` on the answer to POST.
    pub smallest_chunk: Option<u64>,
    /// Blobs above that are refused with 413, and why.
    pub largest_layer: Option<(u64, String)>,
    /// What it answers in place of all that, if anything.
    pub instead: Instead,
    /// Whether `Location` names scheme and host, as docker-registry's does.
    pub absolute_locations: bool,
}

/// An answer of a test's own to any request, before access is looked at.
#[derive(Clone, Default)]
pub struct Instead(Option<Arc<Answer>>);

type Answer = dyn Fn(&Request) -> Option<Reply> + Send + Sync;

impl Instead {
    pub fn of(answer: impl Fn(&Request) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(answer)))
    }

    pub fn answer(&self, request: &Request) -> Option<Reply> {
        self.0.as_ref()?(request)
    }
}

/// What becomes of an upload whose request broke off in the middle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sessions {
    /// All bytes that came are kept, which is the best that a client may hope for.
    #[default]
    Keep,
    /// That session is gone, as with docker-registry 2.8.2.
    DropBroken,
    /// All sessions are gone, as when a registry that has them in memory dies.
    LoseAll,
    /// That session goes back to so many bytes.
    Truncate(u64),
}

/// Which uploads are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Uploads {
    #[default]
    Any,
    /// 416 to a PATCH of more than so many bytes, as GHCR does above 4 MiB.
    ChunksUpTo(u64),
    /// 400 to every PATCH: only POST and one PUT with everything, as with Google Artifact Registry.
    OnePut,
    /// A PATCH is answered by 201 in place of 202, as by Amazon ECR.
    CreatedEarly,
}

/// What becomes of a `Range` that a client asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ranges {
    #[default]
    Honoured,
    /// 200 with the whole blob.
    Ignored,
    /// 206 with what begins so many bytes too late, or too early; `Content-Range` tells.
    OffBy(i64),
    /// 206 with what begins so many bytes too late, or too early; `Content-Range` says what was asked for.
    OffByUnsaid(i64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// GET of an upload is 400, as crane's registry answers.
    UploadStatus,
    /// `mount` is ignored: 202.
    Mount,
    /// `digest` on POST is ignored: 202, as with docker-registry.
    SinglePost,
    /// The referrers API is 404, and no `OCI-Subject` is sent.
    Referrers,
    /// Whatever would change something is 405.
    Writing,
}

/// Who may do what.
#[derive(Clone, Default)]
pub enum Access {
    /// Everybody everything.
    #[default]
    Open,
    /// This user with this password everything, nobody else anything.
    Basic { user: String, password: String },
    /// What the token says that [`super::TokenService`] gave out.
    Bearer { realm: String, tokens: Arc<Tokens> },
}
