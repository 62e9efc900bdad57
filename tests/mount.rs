//! File systems of a test's own, which only root can have; gone when the value is.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::oracle::skip;

/// Must go before the directory that it is in does.
pub struct Mounted(PathBuf);

/// Whether this is root; says so if not.
pub fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        skip("run the tests as root");
    }
    root
}

/// An empty tmpfs of `size` bytes (`64k`, `1m`) at `path`, which is made. `None` after saying so where that is not
/// possible.
pub fn tmpfs(path: &Path, size: &str) -> Option<Mounted> {
    is_root().then(|| {
        let options = format!("size={size}");
        mount(path, &["-t", "tmpfs", "-o", &options, "tmpfs"])
    })
}

/// An empty XFS, which can share blocks, of 320 MiB at `path`; its image lies beside it.
pub fn xfs(path: &Path) -> Option<Mounted> {
    if !is_root() {
        return None;
    }
    let image = path.with_extension("image");
    // The smallest size that mkfs.xfs takes is 300 MiB.
    fs_err::File::create(&image).unwrap().set_len(320 << 20).unwrap();
    let Ok(made) = Command::new("mkfs.xfs").arg("-q").arg(&image).output() else {
        skip("install xfsprogs by `apt-get install xfsprogs`");
        return None;
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(mount(path, &["-o", "loop", image.to_str().unwrap()]))
}

fn mount(path: &Path, args: &[&str]) -> Mounted {
    fs_err::create_dir_all(path).unwrap();
    let output = Command::new("mount").args(args).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Mounted(path.to_owned())
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: after a failure something may still be running in it.
        drop(Command::new("umount").arg("--lazy").arg(&self.0).status());
    }
}
