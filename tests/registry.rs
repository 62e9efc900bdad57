//! Debian's docker-registry on a loopback port of its own, as long as the value lives.

use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::oracle::{Oracle, oracle};

pub struct Registry {
    child: Child,
    address: String,
    /// Its configuration, its log and its blobs.
    _root: TempDir,
    _oracle: Oracle,
}

impl Registry {
    /// Starts one and waits until it listens; `None` where docker-registry is missing.
    pub fn start() -> Option<Self> {
        let oracle = oracle("docker-registry")?;
        let root = TempDir::with_prefix("modelbuild-registry-").unwrap();
        let (config, log, data) = (
            root.path().join("config.yml"),
            root.path().join("log"),
            root.path().join("data"),
        );
        // Port 0 lets the system choose, so that tests may run at the same time; the log says which it was.
        fs_err::write(
            &config,
            format!(
                "version: 0.1\n\
                 log: {{level: info}}\n\
                 storage: {{filesystem: {{rootdirectory: '{}'}}, delete: {{enabled: true}}, \
                 maintenance: {{uploadpurging: {{enabled: false}}}}}}\n\
                 http: {{addr: '127.0.0.1:0', secret: test}}\n",
                data.display()
            ),
        )
        .unwrap();
        // A file and not a pipe: nobody reads on once the port is known, and a full pipe would stop the registry.
        let output = fs_err::File::create(&log).unwrap().into_parts().0;
        let mut child = oracle
            .command()
            .arg("serve")
            .arg(&config)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let begin = Instant::now();
        let address = loop {
            let text = fs_err::read_to_string(&log).unwrap();
            if let Some(address) = listening(&text) {
                break address;
            }
            let ended = child.try_wait().unwrap();
            if ended.is_some() || begin.elapsed() > Duration::from_secs(30) {
                child.kill().unwrap();
                panic!("docker-registry does not listen:\n{text}");
            }
            sleep(Duration::from_millis(10));
        };
        Some(Self {
            child,
            address,
            _root: root,
            _oracle: oracle,
        })
    }

    /// `127.0.0.1:PORT`; plain http.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        // Both can only fail if it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The address in the line `… msg="listening on 127.0.0.1:42209" …`, once all of it is there.
fn listening(log: &str) -> Option<String> {
    let (_, rest) = log.split_once("listening on ")?;
    let (address, _) = rest.split_once('"')?;
    Some(address.to_owned())
}
