use std::sync::LazyLock;

use rustix::fs::Mode;

/// The permission bits that new files of this process do not get, as they were when this was first asked.
#[must_use]
pub fn umask() -> u32 {
    static UMASK: LazyLock<u32> = LazyLock::new(|| stated().unwrap_or_else(tried));
    *UMASK
}

/// What Linux says of the process (`proc_pid_status(5)`).
fn stated() -> Option<u32> {
    let status = fs_err::read_to_string("/proc/self/status").ok()?;
    let stated = status.lines().find_map(|line| line.strip_prefix("Umask:"))?;
    u32::from_str_radix(stated.trim(), 8).ok()
}

/// Elsewhere it is told only to whoever sets another one.
#[allow(clippy::useless_conversion, reason = "modes have sixteen bits on macOS")]
fn tried() -> u32 {
    let umask = rustix::process::umask(Mode::RWXG | Mode::RWXO);
    rustix::process::umask(umask);
    u32::from(umask.as_raw_mode())
}
