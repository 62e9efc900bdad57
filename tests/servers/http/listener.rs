//! A port on loopback with a thread for each connection, closed with everything on it when the value drops.

use std::collections::HashMap;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::panic::{self, AssertUnwindSafe};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Told to all threads of a server when it ends.
#[derive(Default)]
pub struct Stop {
    stopped: Mutex<bool>,
    changed: Condvar,
}

impl Stop {
    pub fn is_set(&self) -> bool {
        *self.stopped.lock().unwrap()
    }

    /// Sleeps, unless the server ends first.
    pub fn pause(&self, duration: Duration) {
        let stopped = self.stopped.lock().unwrap();
        drop(self.changed.wait_timeout_while(stopped, duration, |stopped| !*stopped));
    }

    fn set(&self) {
        *self.stopped.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

type Connections = Mutex<HashMap<u64, Arc<TcpStream>>>;

/// A server, as long as the value lives.
pub struct Listener {
    address: SocketAddr,
    stop: Arc<Stop>,
    connections: Arc<Connections>,
    accepting: Option<JoinHandle<()>>,
}

impl Listener {
    /// Listens on a loopback port, 0 for one that the system chooses, and gives each connection to `handle`.
    pub fn start(port: u16, handle: impl Fn(&TcpStream, &Stop) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, connections) = (Arc::<Stop>::default(), Arc::<Connections>::default());
        let accepting = {
            let (stop, connections, handle) = (Arc::clone(&stop), Arc::clone(&connections), Arc::new(handle));
            thread::spawn(move || {
                for (number, stream) in (0..).zip(listener.incoming()) {
                    if stop.is_set() {
                        return;
                    }
                    let Ok(stream) = stream.map(Arc::new) else { continue };
                    // What is small must not wait for the answer to what went before it.
                    drop(stream.set_nodelay(true));
                    connections.lock().unwrap().insert(number, Arc::clone(&stream));
                    let (stop, connections, handle) =
                        (Arc::clone(&stop), Arc::clone(&connections), Arc::clone(&handle));
                    thread::spawn(move || {
                        // The panic is told where it happens; the client is not to wait for what will not come.
                        let handled = panic::catch_unwind(AssertUnwindSafe(|| handle(&stream, &stop)));
                        if handled.is_err() {
                            drop(stream.shutdown(Shutdown::Both));
                        }
                        connections.lock().unwrap().remove(&number);
                    });
                }
            })
        };
        Self {
            address,
            stop,
            connections,
            accepting: Some(accepting),
        }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.set();
        // Wakes the thread that accepts, which then sees that it is over.
        drop(TcpStream::connect(self.address));
        if let Some(accepting) = self.accepting.take() {
            drop(accepting.join());
        }
        for stream in self.connections.lock().unwrap().values() {
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}
