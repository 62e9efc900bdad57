use bytes::Bytes;
use reqwest::{Error, Response};
use tokio::runtime::Runtime;
use tokio::sync::mpsc::{Receiver, channel};

/// How many pieces wait for their reader; hyper's are up to 408 KiB. With none, the thread of the network and the reader
/// would wake each other for every piece: a pull of one blob took a tenth longer so.
const DEPTH: usize = 2;

/// The body of a response that is received while its reader does something else.
pub struct Ahead(Receiver<Result<Bytes, Error>>);

impl Ahead {
    /// Begins to receive; ends when this is dropped.
    pub fn new(runtime: &Runtime, mut response: Response) -> Self {
        let (pieces, to_read) = channel(DEPTH);
        runtime.spawn(async move {
            while let Some(piece) = response.chunk().await.transpose() {
                let is_last = piece.is_err();
                if pieces.send(piece).await.is_err() || is_last {
                    return;
                }
            }
        });
        Self(to_read)
    }

    /// The next piece; `None` at the end of the body.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        self.0.recv().await.transpose()
    }
}
