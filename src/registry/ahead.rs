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
            loop {
                let piece = tokio::select! {
                    // It may never come.
                    () = pieces.closed() => return,
                    piece = response.chunk() => piece.transpose(),
                };
                let Some(piece) = piece else { return };
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

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::time::Duration;

    use tokio::runtime::Builder;

    use super::Ahead;

    /// Whoever has gone on elsewhere would leave a connection open for each body that hangs.
    #[test]
    fn what_nobody_reads_any_more_is_not_waited_for() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 1024];
            assert!(stream.read(&mut request).unwrap() > 0);
            stream
                .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                .unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            stream.read(&mut request).unwrap()
        });
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let client = crate::registry::agent::agent(&crate::registry::HostSettings::default(), true, false).unwrap();
        let response = runtime
            .block_on(client.get(format!("http://{address}/")).send())
            .unwrap();
        drop(Ahead::new(&runtime, response));
        assert_eq!(server.join().unwrap(), 0, "it has ended");
    }
}
