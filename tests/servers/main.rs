//! The tests' own servers as a program, for benches and for trying things by hand.
//!
//! ```text
//! cargo build --test servers --message-format json   # says where it is
//! servers registry DIR                               # goes on with what is in DIR
//! servers sink                                       # counts and drops
//! servers sink DIR                                   # and gives what the layouts in DIR have, by their names
//! servers proxy URL 'PATCH */uploads/* cut-up=65536' # one rule in each word, see proxy/rule.rs
//! ```
//!
//! Prints `listening on 127.0.0.1:PORT` and serves until it is killed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "as tests/lib.rs, whose modules these are"
)]

#[expect(dead_code, unused_imports, reason = "tests/lib.rs uses the rest")]
#[path = "mod.rs"]
mod servers;

use std::path::Path;
use std::thread;

use servers::proxy::{Proxy, Rule};
use servers::registry::{Options, Registry};
use servers::sink::Sink;

fn main() {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = args.iter().map(String::as_str).collect();
    match words[..] {
        ["registry", dir] => {
            let registry = Registry::start_in(Path::new(dir), 0, Options::default());
            serve(&registry.address());
        }
        ["proxy", upstream, ref rules @ ..] => {
            let rules: Result<Vec<Rule>, _> = rules.iter().map(|rule| rule.parse()).collect();
            let rules = rules.unwrap_or_else(|error| {
                eprintln!("error: {error}");
                std::process::exit(2);
            });
            let proxy = Proxy::start(upstream.trim_start_matches("http://").trim_end_matches('/'), rules);
            serve(&proxy.address());
        }
        ["sink"] => serve(&Sink::start().address()),
        ["sink", dir] => serve(&Sink::giving(Path::new(dir)).address()),
        _ => {
            eprintln!("usage: servers registry DIR | sink [DIR] | proxy URL RULE...");
            std::process::exit(2);
        }
    }
}

fn serve(address: &str) {
    println!("listening on {address}");
    loop {
        thread::park();
    }
}
