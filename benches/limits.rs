//! What this machine can do without modelbuild: the yardsticks of `benches/run.sh`.
//!
//! ```text
//! limits memory            SHA-256 over bytes in memory, GB/s, as JSON
//! limits read FILE…        reads the files, one after the other
//! limits sha2 FILE…        the obvious way to hash files: rayon over files, 256 KiB reads, sha2
//! limits lanes FILE…       the fastest way known to hash files of one size: two to a core, which takes two messages at once
//! ```
//!
//! `cargo bench` runs `memory`; `cargo test`, which wants to know only whether this compiles, nothing.
#![allow(clippy::cast_precision_loss, reason = "rates are printed with three digits")]

use std::env;
use std::hint::black_box;
use std::io::{self, Read};
use std::time::Instant;

use fs_err::File;
use modelbuild::digest::{Hasher, update_both};
use rayon::prelude::*;
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The size of a read, and of a piece in memory: small enough to stay in the second level cache of a core.
const PIECE: usize = 1 << 18;

/// Pieces to a measurement, and measurements of which the fastest counts. Short ones (about 5 ms), so that on a machine
/// shared with others some of them run undisturbed.
const PIECES: usize = 32;
const ROUNDS: usize = 200;

fn main() -> io::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.split_first() {
        None => {}
        // What cargo says to a benchmark.
        Some((job, [])) if job == "memory" || job == "--bench" => memory(),
        Some((job, files)) if job == "read" => {
            for file in files {
                pieces(file, |piece| {
                    black_box(piece);
                })?;
            }
        }
        Some((job, files)) if job == "sha2" => print(files.par_iter().map(|file| Ok(vec![(sha2(file)?, file)])))?,
        Some((job, files)) if job == "lanes" => print(files.par_chunks(2).map(lanes))?,
        Some(_) => {
            return Err(io::Error::other(
                "usage: limits [memory | read FILE… | sha2 FILE… | lanes FILE…]",
            ));
        }
    }
    Ok(())
}

fn pieces(file: &str, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut file = File::open(file)?;
    let mut buffer = vec![0; PIECE];
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            return Ok(());
        }
        take(buffer.split_at(length).0);
    }
}

fn sha2(file: &str) -> io::Result<String> {
    let mut hasher = Sha256::new();
    pieces(file, |piece| hasher.update(piece))?;
    Ok(modelbuild::digest::Digest::from_bytes(hasher.finalize().into()).hex())
}

/// Hashes one file, or two side by side for as long as both have bytes.
fn lanes(files: &[String]) -> io::Result<Vec<(String, &String)>> {
    let [one, other] = files else {
        return files.iter().map(|file| Ok((sha2(file)?, file))).collect();
    };
    let (mut files, mut hashers) = ([File::open(one)?, File::open(other)?], [Hasher::new(), Hasher::new()]);
    let mut buffers = [vec![0; PIECE], vec![0; PIECE]];
    loop {
        let [a, b] = &mut buffers;
        let [file_a, file_b] = &mut files;
        let (read_a, read_b) = (file_a.read(a)?, file_b.read(b)?);
        if read_a == 0 && read_b == 0 {
            break;
        }
        let [hasher_a, hasher_b] = &mut hashers;
        update_both(hasher_a, a.split_at(read_a).0, hasher_b, b.split_at(read_b).0);
    }
    let digests = hashers.into_iter().map(|hasher| hasher.finish().hex());
    Ok(digests.zip([one, other]).collect())
}

/// As `sha256sum` prints them.
fn print<'a>(files: impl ParallelIterator<Item = io::Result<Vec<(String, &'a String)>>>) -> io::Result<()> {
    let lines: io::Result<Vec<_>> = files.collect();
    for (digest, file) in lines?.into_iter().flatten() {
        println!("{digest}  {file}");
    }
    Ok(())
}

fn memory() {
    let (a, b) = (vec![0xa5; PIECE], vec![0x5a; PIECE]);
    let (mut sha2, mut one, mut two) = (0.0_f64, 0.0_f64, 0.0_f64);
    // In turn, so that a slow second of the machine does not fall on one of the three alone.
    for _ in 0..ROUNDS {
        sha2 = sha2.max(rate(1, || {
            let mut hasher = Sha256::new();
            (0..PIECES).for_each(|_| hasher.update(&a));
            black_box(hasher.finalize());
        }));
        one = one.max(rate(1, || {
            let mut hasher = Hasher::new();
            (0..PIECES).for_each(|_| hasher.update(&a));
            black_box(hasher.finish());
        }));
        two = two.max(rate(2, || {
            let (mut a_hasher, mut b_hasher) = (Hasher::new(), Hasher::new());
            (0..PIECES).for_each(|_| update_both(&mut a_hasher, &a, &mut b_hasher, &b));
            black_box((a_hasher.finish(), b_hasher.finish()));
        }));
    }
    println!(
        "{}",
        json!({ "sha2": round(sha2), "one_message": round(one), "two_messages": round(two) })
    );
}

/// Gigabytes per second.
fn rate(messages: usize, run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    (messages * PIECES * PIECE) as f64 / start.elapsed().as_secs_f64() / 1e9
}

fn round(rate: f64) -> f64 {
    (rate * 1000.0).round() / 1000.0
}
