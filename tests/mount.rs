//! File systems of a test's own, which only root can have; gone when the value is.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::oracle::{denied, oracle};

/// Must go before the directory that it is in does.
pub struct Mounted(PathBuf);

/// Whether this is root; says so if not.
pub fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        denied("run the tests as root");
    }
    root
}

/// An empty tmpfs of `size` bytes (`64k`, `1m`) at `path`, which is made. `None` after saying so where that is not
/// possible.
pub fn tmpfs(path: &Path, size: &str) -> Option<Mounted> {
    let options = format!("size={size}");
    if is_root() {
        mount(path, &["-t", "tmpfs", "-o", &options, "tmpfs"])
    } else {
        None
    }
}

/// An empty file system of `kind`, `xfs` or `btrfs`, at `path`: both can share blocks. Its image of 320 MiB lies beside
/// it. `None` as for [`tmpfs`].
pub fn image(path: &Path, kind: &str) -> Option<Mounted> {
    if !is_root() {
        return None;
    }
    let mkfs = oracle(&format!("mkfs.{kind}"))?;
    let image = path.with_extension("image");
    // The smallest size that mkfs.xfs takes is 300 MiB.
    fs_err::File::create(&image).unwrap().set_len(320 << 20).unwrap();
    mkfs.approve(path.parent().unwrap(), ["-q".as_ref(), image.as_os_str()]);
    mount(path, &["-t", kind, "-o", "loop", image.to_str().unwrap()])
}

/// The files of `tree` as an image that is mounted at `path`; the image lies beside it.
pub fn squashfs(tree: &Path, path: &Path) -> Option<Mounted> {
    if !is_root() {
        return None;
    }
    let maker = oracle("mksquashfs")?;
    let image = path.with_extension("image");
    let args = [tree.as_os_str(), image.as_os_str(), "-quiet".as_ref()];
    maker.approve(path.parent().unwrap(), args);
    mount(path, &["-t", "squashfs", "-o", "loop", image.to_str().unwrap()])
}

/// An empty ext4 at `path` that keeps times in whole seconds; its image lies beside it.
pub fn coarse(path: &Path) -> Option<Mounted> {
    if !is_root() {
        return None;
    }
    let mkfs = oracle("mkfs.ext4")?;
    let image = path.with_extension("image");
    fs_err::File::create(&image).unwrap().set_len(4 << 20).unwrap();
    let args = ["-q", "-I", "128", image.to_str().unwrap()];
    mkfs.approve(path.parent().unwrap(), args);
    mount(path, &["-t", "ext4", "-o", "loop", image.to_str().unwrap()])
}

/// Mounts a directory where it is: nothing can be moved to it from beside it.
pub fn bind(path: &Path) -> Option<Mounted> {
    if is_root() {
        mount(path, &["-o", "bind", path.to_str().unwrap()])
    } else {
        None
    }
}

/// Makes a directory one that nobody can write to, not even root.
pub fn read_only(path: &Path) -> Option<Mounted> {
    let mounted = bind(path)?;
    let status = Command::new("mount").args(["-o", "remount,ro,bind"]).arg(path).status();
    assert!(status.unwrap().success());
    Some(mounted)
}

/// Root in a container has not always the right to mount, and not every kernel has every file system.
fn mount(path: &Path, args: &[&str]) -> Option<Mounted> {
    fs_err::create_dir_all(path).unwrap();
    let output = Command::new("mount").args(args).arg(path).output().unwrap();
    if output.status.success() {
        return Some(Mounted(path.to_owned()));
    }
    let answer = String::from_utf8_lossy(&output.stderr);
    let reason = answer
        .lines()
        .next()
        .unwrap_or_default()
        .rsplit(": ")
        .next()
        .unwrap_or_default();
    denied(&format!("mount of {} refused by this machine: {reason}", args[1]));
    None
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Lazily: after a failure something may still be running in it.
        drop(Command::new("umount").arg("--lazy").arg(&self.0).status());
    }
}
