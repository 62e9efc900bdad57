//! Pax records: what ustar's fields cannot hold.

use super::ustar::{self, Fields, Name, Typeflag};
use super::{ALIGNMENT, BLOCK};

/// The records of one member, each `LENGTH KEY=VALUE\n`.
#[derive(Default)]
pub(super) struct Records(Vec<u8>);

/// Shortest comment: two digits, a space, `comment=`, one space, a line feed.
const SHORTEST_COMMENT: usize = 13;

impl Records {
    /// Adds a record.
    pub fn push(&mut self, key: &str, value: &str) {
        let length = record_length(key.len() + value.len() + " =\n".len());
        self.0.extend(format!("{length} {key}={value}\n").bytes());
    }

    /// Adds a comment of spaces, as long as it takes, so that what follows the member's header begins at a multiple of
    /// [`ALIGNMENT`], where the first header begins at `position`; nothing where it does so by itself.
    pub fn align(&mut self, position: u64) {
        let misplaced = |blocks: usize| {
            let headers = if blocks == 0 { 1 } else { 2 };
            !(position + ((headers + blocks) * BLOCK) as u64).is_multiple_of(ALIGNMENT)
        };
        let used = self.0.len();
        let mut blocks = used.div_ceil(BLOCK);
        if !misplaced(blocks) {
            return;
        }
        while blocks == 0 || misplaced(blocks) || blocks * BLOCK < used + SHORTEST_COMMENT {
            blocks += 1;
        }
        let length = blocks * BLOCK - used;
        let around = format!("{length} comment=\n").len();
        self.0
            .extend(format!("{length} comment={:1$}\n", "", length - around).bytes());
    }

    /// The extended header: none where there are no records, else its own ustar header, the records, zeros.
    ///
    /// Its name is what Python's tarfile writes; readers that know pax show it to nobody.
    pub fn into_blocks(self) -> Vec<u8> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let mut blocks = ustar::block(&Fields {
            name: Name {
                prefix: "",
                name: "././@PaxHeader",
            },
            mode: 0o644,
            size: self.0.len() as u64,
            mtime: 0,
            typeflag: Typeflag::Extended,
        });
        blocks.extend(self.0);
        blocks.resize(blocks.len().next_multiple_of(BLOCK), 0);
        blocks
    }
}

/// Length of a record that has `rest` bytes beside its length: the decimal digits count, too.
fn record_length(rest: usize) -> usize {
    let digits = |number: usize| number.to_string().len();
    let guess = rest + digits(rest);
    // The digits may themselves have made it one digit longer: 98 + 2 is 100, which has three.
    rest + digits(guess)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{BLOCK, Records, record_length};

    #[test]
    fn a_length_counts_its_own_digits() {
        for rest in 1..200_000 {
            let length = record_length(rest);
            assert_eq!(length, length.to_string().len() + rest);
        }
    }

    proptest! {
        #[test]
        fn records_fill_whole_blocks_and_say_their_length(value in "[ -~]{0,1200}", blocks in 0_u64..64) {
            let mut records = Records::default();
            if !value.is_empty() {
                records.push("path", &value);
            }
            records.align(blocks * BLOCK as u64);
            let mut rest = records.0.as_slice();
            while !rest.is_empty() {
                let space = rest.iter().position(|byte| *byte == b' ').unwrap();
                let length: usize = std::str::from_utf8(&rest[..space]).unwrap().parse().unwrap();
                prop_assert_eq!(rest[length - 1], b'\n');
                rest = &rest[length..];
            }
            let bytes = records.into_blocks().len() + BLOCK;
            prop_assert_eq!((blocks * BLOCK as u64 + bytes as u64) % 4096, 0);
        }
    }
}
