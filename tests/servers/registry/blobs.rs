//! Blobs: HEAD, GET with ranges, DELETE (distribution specification 1.1, section "Pulling blobs").

use std::io::{Seek as _, SeekFrom};

use fs_err::File;

use super::options::{Options, Ranges};
use super::storage::Storage;
use crate::servers::http::{Reply, Request};

pub fn get(storage: &Storage, options: &Options, name: &str, digest: &str, request: &Request) -> Reply {
    if !storage.has_blob(name, digest) {
        return unknown();
    }
    let mut file = File::open(storage.content(digest)).unwrap();
    let size = file.metadata().unwrap().len();
    let whole = |status| {
        Reply::new(status)
            .header("Content-Type", "application/octet-stream")
            .header("Docker-Content-Digest", digest)
            .header("Accept-Ranges", "bytes")
    };
    let wanted = request.headers.get("Range").and_then(|range| parse(range, size));
    let (Some((begin, end)), true) = (wanted, options.ranges != Ranges::Ignored) else {
        return whole(200).stream(file, size);
    };
    if begin >= end {
        let reply = Reply::error(416, "RANGE_INVALID", "the range is beyond the end");
        return reply.header("Content-Range", format!("bytes */{size}"));
    }
    let (late, is_said) = match options.ranges {
        Ranges::OffBy(late) => (late, true),
        Ranges::OffByUnsaid(late) => (late, false),
        Ranges::Honoured | Ranges::Ignored => (0, true),
    };
    let first = begin.saturating_add_signed(late);
    let said = if is_said { first } else { begin };
    file.seek(SeekFrom::Start(first)).unwrap();
    whole(206)
        .header("Content-Range", format!("bytes {said}-{}/{size}", end - 1))
        .stream(file, end.saturating_sub(first))
}

pub fn delete(storage: &Storage, name: &str, digest: &str) -> Reply {
    match storage.unlink(name, digest) {
        Ok(()) => Reply::new(202),
        Err(_) => unknown(),
    }
}

/// `bytes=a-b`, `bytes=a-` and `bytes=-n`, as the first byte and the one after the last. `None` for what is to be
/// ignored; nothing between the two for what cannot be satisfied.
fn parse(range: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    if first.is_empty() {
        let length: u64 = last.parse().ok()?;
        return Some((size.saturating_sub(length), size));
    }
    let last: u64 = if last.is_empty() {
        u64::MAX - 1
    } else {
        last.parse().ok()?
    };
    Some((first.parse().ok()?, size.min(last + 1)))
}

fn unknown() -> Reply {
    Reply::error(404, "BLOB_UNKNOWN", "blob unknown to registry")
}
