//! The way through the house is one way: a room may know the rooms before it and no other.

use std::path::Path;

use walkdir::WalkDir;

/// In the order of the way.
const ROOMS: [&str; 14] = [
    "cores",
    "digest",
    "files",
    "watch",
    "cache",
    "modelfile",
    "plan",
    "known",
    "artifact",
    "registry",
    "store",
    "model",
    "build",
    "cli",
];

/// Every path in `source`, a file of `room`, that leads to a room further on.
fn violations(room: &str, source: &str) -> Vec<String> {
    let place = |name: &str| ROOMS.iter().position(|room| *room == name);
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut found = Vec::new();
    for (start, _) in code.match_indices("crate::") {
        let before = code[..start].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        for name in first_names(&code[start + "crate::".len()..]) {
            if name != room && place(name).is_some_and(|other| Some(other) > place(room)) {
                found.push(format!("{room} uses crate::{name}"));
            }
        }
    }
    found
}

/// The names that can stand first in the path after `crate::`: one, or one for each member of a group.
fn first_names(rest: &str) -> Vec<&str> {
    fn first(text: &str) -> &str {
        let text = text.trim_start();
        text.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap()
    }
    let Some(group) = rest.strip_prefix('{') else {
        return vec![first(rest)];
    };
    let (mut names, mut depth) = (vec![first(group)], 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(first(&group[at + 1..])),
            _ => {}
        }
    }
    names
}

#[test]
fn rooms_know_only_the_rooms_before_them() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut seen, mut found) = (Vec::new(), Vec::new());
    for entry in WalkDir::new(&sources) {
        let entry = entry.unwrap();
        if entry.path().extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let path = entry.path().strip_prefix(&sources).unwrap().to_str().unwrap();
        // lib.rs and main.rs stand above all rooms.
        let Some((room, _)) = path.split_once('/') else {
            continue;
        };
        assert!(ROOMS.contains(&room), "`{room}` has no place on the way yet");
        let source = fs_err::read_to_string(entry.path()).unwrap();
        found.extend(
            violations(room, &source)
                .into_iter()
                .map(|what| format!("{path}: {what}")),
        );
        seen.push(room.to_owned());
    }
    for room in ROOMS {
        assert!(seen.iter().any(|name| name == room), "`{room}` holds no file");
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_step_backwards_is_noticed() {
    for (room, source, expected) in [
        ("store", "use crate::cli::Console;", "store uses crate::cli"),
        ("digest", "fn f() -> crate::plan::Plan {}", "digest uses crate::plan"),
        (
            "plan",
            "use crate::{\n    digest::{A, B},\n    store::Error,\n};",
            "plan uses crate::store",
        ),
    ] {
        assert_eq!(violations(room, source), [expected]);
    }
    for (room, source) in [
        ("store", "use crate::digest::Digest;\nuse crate::store::Error;"),
        ("plan", "use crate::{digest::Digest, modelfile::{Kind, store}};"),
        ("plan", "/// See [`crate::store::Error`].\nuse other_crate::store;"),
    ] {
        assert!(violations(room, source).is_empty(), "{source}");
    }
}
