use std::collections::{BTreeMap, BTreeSet};

/// How many missing shards a warning names; a total can be as large as its digits allow.
const MOST_NAMED: usize = 5;

/// A file name of a weight that was split: `PREFIX-00001-of-00005.EXTENSION`, as llama.cpp and Hugging Face write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Shard<'a> {
    /// The path up to the `-` in front of the number.
    pub prefix: &'a str,
    /// Which one, counted from 1.
    pub number: u32,
    /// How many there are.
    pub total: u32,
    /// How many digits the number is written with.
    digits: usize,
    /// The total as written.
    pub of: &'a str,
    /// Behind the last dot.
    pub extension: &'a str,
}

impl<'a> Shard<'a> {
    /// Reads a path; `None` if it names no shard.
    pub fn of(path: &'a str) -> Option<Self> {
        let (stem, extension) = path.rsplit_once('.')?;
        let (rest, of) = stem.rsplit_once("-of-")?;
        let (prefix, digits) = rest.rsplit_once('-')?;
        let (number, total) = (number(digits)?, number(of)?);
        (1..=total).contains(&number).then_some(Self {
            prefix,
            number,
            total,
            digits: digits.len(),
            of,
            extension,
        })
    }

    fn path(&self, number: u32) -> String {
        format!(
            "{}-{number:0digits$}-of-{}.{}",
            self.prefix,
            self.of,
            self.extension,
            digits = self.digits
        )
    }
}

fn number(digits: &str) -> Option<u32> {
    let all_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| digits.parse().ok()).flatten()
}

/// A split weight of which some files are not in the plan.
#[derive(Debug, PartialEq, Eq)]
pub struct Gap<'a> {
    /// The path of a shard that is there.
    pub present: &'a str,
    /// How many shards it should have.
    pub total: u32,
    /// How many of them are missing.
    pub missing: usize,
    /// Paths of the first of the missing ones.
    pub names: Vec<String>,
}

impl Gap<'_> {
    /// Says which ones are missing: `a`, `b` and 3 more are missing.
    pub fn missing(&self) -> String {
        let names: Vec<_> = self
            .names
            .iter()
            .map(|name| format!("`{}`", name.escape_debug()))
            .collect();
        let names = names.join(", ");
        let verb = if self.missing == 1 { "is" } else { "are" };
        match self.missing.saturating_sub(self.names.len()) {
            0 => format!("{names} {verb} missing"),
            more => format!("{names} and {more} more {verb} missing"),
        }
    }
}

/// The split weights in `paths` that are not complete. By name only: the headers are somebody else's to read.
pub fn gaps<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Gap<'a>> {
    let mut sets: BTreeMap<_, (&str, Shard, BTreeSet<u32>)> = BTreeMap::new();
    for path in paths {
        let Some(shard) = Shard::of(path).filter(|shard| matches!(shard.extension, "gguf" | "safetensors")) else {
            continue;
        };
        let set = (shard.prefix, shard.of, shard.digits, shard.extension);
        sets.entry(set)
            .or_insert_with(|| (path, shard, BTreeSet::new()))
            .2
            .insert(shard.number);
    }
    let gap = |(present, shard, numbers): (&'a str, Shard<'a>, BTreeSet<u32>)| {
        let missing = (shard.total as usize).saturating_sub(numbers.len());
        let names = (1..=shard.total)
            .filter(|number| !numbers.contains(number))
            .take(MOST_NAMED);
        (missing > 0).then(|| Gap {
            present,
            total: shard.total,
            missing,
            names: names.map(|n| shard.path(n)).collect(),
        })
    };
    sets.into_values().filter_map(gap).collect()
}
