use std::convert::Infallible;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::stream;
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Body, Method, StatusCode, Url};
use tokio::sync::mpsc::{Sender, channel, error::TrySendError};
use tokio::task::JoinHandle;

use crate::registry::exchange::retry_after;
use crate::registry::failure::causes;
use crate::registry::{Error, Repository};

/// Pieces that may wait to be sent: enough that neither the reader nor the socket waits for the other, few enough that
/// memory stays small.
const WAITING: usize = 16;

/// How long an answer is waited for after a body that was not taken to its end.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// How much of an answer is read.
const MOST_SAID: usize = 64 << 10;

/// A request whose body is sent while it is read.
pub struct Request {
    /// Where it goes.
    pub url: Url,
    /// The first byte of the blob that it sends.
    pub start: u64,
    /// The next byte of the blob that it wants.
    pub next: u64,
    /// The end of its part of the blob.
    pub end: u64,
    body: Option<Sender<Bytes>>,
    answer: JoinHandle<Result<Answer, String>>,
}

/// The part of a blob that a request sends, and how.
pub struct Part {
    pub method: Method,
    pub url: Url,
    /// The first byte.
    pub start: u64,
    /// The byte behind the last one.
    pub end: u64,
    /// Whether it says that it is these bytes.
    pub range: bool,
    /// Who we are.
    pub shown: Option<HeaderValue>,
}

/// What a registry answered.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub retry_after: Option<Duration>,
    pub text: Vec<u8>,
    /// How long it took to come, since the request began.
    pub took: Duration,
}

/// How a request ended.
pub enum End {
    Answered(Answer),
    /// The connection broke.
    Broken(String),
    /// Neither a byte was taken nor an answer given for so long.
    Stalled(Duration),
}

impl Request {
    /// Begins to send the bytes of `part`.
    pub fn begin(repository: &Repository, part: Part) -> Result<Self, Error> {
        let Part { start, end, .. } = part;
        let (sender, receiver) = channel::<Bytes>(WAITING);
        let body = stream::unfold(receiver, async |mut receiver| {
            let piece = receiver.recv().await?;
            Some((Ok::<_, Infallible>(piece), receiver))
        });
        let url = part.url.clone();
        let agent = repository.shared.agent(&repository.host, &url)?;
        let mut request = agent
            .request(part.method, part.url)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, end - start);
        if part.range && end > start {
            request = request.header(CONTENT_RANGE, format!("{start}-{}", end - 1));
        }
        if let Some(shown) = part.shown {
            request = request.header(AUTHORIZATION, shown);
        }
        let request = request.body(Body::wrap_stream(body));
        let begun = Instant::now();
        let answer = repository.shared.runtime()?.spawn(async move {
            let mut response = request.send().await.map_err(|error| causes(&error))?;
            let mut text = Vec::new();
            while let Ok(Some(piece)) = response.chunk().await {
                text.extend_from_slice(&piece);
                if text.len() > MOST_SAID {
                    break;
                }
            }
            Ok(Answer {
                status: response.status(),
                headers: response.headers().clone(),
                retry_after: retry_after(&response),
                text,
                took: begun.elapsed(),
            })
        });
        Ok(Self {
            url,
            start,
            next: start,
            end,
            body: Some(sender),
            answer,
        })
    }

    /// Hands over the next bytes. Returns `false` where the request has ended before it had them all.
    pub fn send(&mut self, repository: &Repository, piece: Bytes) -> Result<bool, Error> {
        let Some(body) = &self.body else { return Ok(false) };
        let length = piece.len() as u64;
        let sent = match body.try_send(piece) {
            Ok(()) => true,
            Err(TrySendError::Closed(_)) => false,
            Err(TrySendError::Full(piece)) => {
                let shared = &repository.shared;
                matches!(
                    shared.wait_for(shared.settings.patience.stall, body.send(piece))?,
                    Some(Ok(()))
                )
            }
        };
        if sent {
            self.next += length;
        }
        if self.next >= self.end {
            // That was all.
            self.body = None;
        }
        Ok(sent)
    }

    /// Waits for the answer.
    pub fn end(mut self, repository: &Repository) -> Result<End, Error> {
        let patience = repository.shared.settings.patience;
        let limit = if self.next >= self.end {
            patience.for_work()
        } else {
            // The other end has stopped listening: what it has to say is on its way.
            patience.stall.min(LAST_WORDS)
        };
        let answer = repository.shared.wait_for(limit, &mut self.answer)?;
        Ok(match answer {
            // Nothing was taken for as long before that.
            None => End::Stalled(limit.max(patience.stall)),
            Some(Ok(Ok(answer))) => End::Answered(answer),
            Some(Ok(Err(why))) => End::Broken(why),
            Some(Err(error)) => End::Broken(error.to_string()),
        })
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        self.answer.abort();
    }
}
