use sha2::block_api::compress256;

use super::Digest;
use super::lanes::Interleaved;

/// A SHA-256 over bytes that arrive piece by piece, in pieces of any length.
///
/// sha2's own hasher keeps its state to itself; this one holds it open, so that [`update_both`] can drive two of them
/// at once. The compression of a single message is sha2's.
#[derive(Clone)]
pub struct Hasher {
    state: [u32; 8],
    /// The bytes since the last whole block; how many they are follows from `length`.
    block: [u8; BLOCK],
    /// Bytes taken so far.
    length: u64,
}

/// Bytes per block.
pub(super) const BLOCK: usize = 64;

/// The state before the first block (FIPS 180-4, 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// One bit, then zeros: as much of it is taken as leaves eight bytes of a block for the length (FIPS 180-4, 5.1.1).
const PADDING: [u8; BLOCK] = {
    let mut padding = [0; BLOCK];
    padding[0] = 0x80;
    padding
};

impl Hasher {
    /// A hasher that has taken no bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            state: START,
            block: [0; BLOCK],
            length: 0,
        }
    }

    /// Takes the next bytes of the message.
    pub fn update(&mut self, bytes: &[u8]) {
        let rest = self.top_up(bytes);
        let (blocks, tail) = rest.as_chunks::<BLOCK>();
        compress256(&mut self.state, blocks);
        self.block.split_at_mut(tail.len()).0.copy_from_slice(tail);
        self.length += rest.len() as u64;
    }

    /// The digest of all the bytes taken. SHA-256 is defined up to 2^61 − 1 bytes.
    #[must_use]
    pub fn finish(mut self) -> Digest {
        let bits = self.length << 3;
        let zeros = (2 * BLOCK - 9 - self.pending()) % BLOCK;
        self.update(PADDING.split_at(1 + zeros).0);
        self.update(&bits.to_be_bytes());

        let mut bytes = [0; 32];
        for (chunk, word) in bytes.as_chunks_mut::<4>().0.iter_mut().zip(self.state) {
            *chunk = word.to_be_bytes();
        }
        Digest::from_bytes(bytes)
    }

    /// How many bytes wait in `block`.
    #[expect(clippy::cast_possible_truncation, reason = "less than 64")]
    const fn pending(&self) -> usize {
        (self.length % BLOCK as u64) as usize
    }

    /// Completes a block that was begun, as far as `bytes` reach, and returns those not used for it. If any are left,
    /// nothing is pending.
    fn top_up<'b>(&mut self, bytes: &'b [u8]) -> &'b [u8] {
        let pending = self.pending();
        if pending == 0 {
            return bytes;
        }
        let room = self.block.split_at_mut(pending).1;
        let (used, rest) = bytes.split_at(room.len().min(bytes.len()));
        room.split_at_mut(used.len()).0.copy_from_slice(used);
        self.length += used.len() as u64;
        if self.pending() == 0 {
            compress256(&mut self.state, &[self.block]);
        }
        rest
    }
}

impl Default for Hasher {
    fn default() -> Self {
        Self::new()
    }
}

/// Feeds two hashers on one core at once: `a.update(a_bytes)` and `b.update(b_bytes)`.
///
/// With SHA-NI it takes hardly longer than the longer of the two alone, because a single message waits for the
/// instruction's latency half of the time (Zen 4: 1.8 GB/s one message, 3.4 GB/s two). That holds as far as both
/// have bytes: pass pieces of equal length. Without SHA-NI the two run one after the other.
pub fn update_both(a: &mut Hasher, a_bytes: &[u8], b: &mut Hasher, b_bytes: &[u8]) {
    update_both_with(Interleaved::detect(), a, a_bytes, b, b_bytes);
}

fn update_both_with(lanes: Option<Interleaved>, a: &mut Hasher, a_bytes: &[u8], b: &mut Hasher, b_bytes: &[u8]) {
    let (mut a_rest, mut b_rest) = (a_bytes, b_bytes);
    if let Some(lanes) = lanes {
        (a_rest, b_rest) = (a.top_up(a_bytes), b.top_up(b_bytes));
        let common = a_rest.len().min(b_rest.len()) / BLOCK * BLOCK;
        let (a_common, b_common);
        (a_common, a_rest) = a_rest.split_at(common);
        (b_common, b_rest) = b_rest.split_at(common);
        lanes.compress(
            &mut a.state,
            a_common.as_chunks().0,
            &mut b.state,
            b_common.as_chunks().0,
        );
        a.length += common as u64;
        b.length += common as u64;
    }
    a.update(a_rest);
    b.update(b_rest);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::Sha256;
    use sha2::digest::common::hazmat::{SerializableState, SerializedState};
    use sha2::digest::{FixedOutput, Update};

    use super::*;

    /// Every way two lanes can be driven on this machine.
    fn ways() -> impl Iterator<Item = Option<Interleaved>> {
        [None].into_iter().chain(Interleaved::detect().map(Some))
    }

    /// Bytes of which no two blocks are alike.
    fn bytes(length: usize, seed: u32) -> Vec<u8> {
        let words = (0..).map(|n: u32| {
            (n ^ seed)
                .wrapping_mul(0x9e37_79b1)
                .rotate_left(13)
                .wrapping_mul(0x85eb_ca77)
        });
        words.flat_map(u32::to_le_bytes).take(length).collect()
    }

    #[test]
    fn both_lanes_agree_with_sha2_around_every_block_boundary() {
        let lengths = [0, 1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 1000, 4096];
        for lanes in ways() {
            for (a_length, b_length) in lengths.iter().flat_map(|&a| lengths.map(|b| (a, b))) {
                let (a_bytes, b_bytes) = (bytes(a_length, 1), bytes(b_length, 2));
                let (mut a, mut b) = (Hasher::new(), Hasher::new());
                update_both_with(lanes, &mut a, &a_bytes, &mut b, &b_bytes);
                assert_eq!((a.finish(), b.finish()), (Digest::of(&a_bytes), Digest::of(&b_bytes)));
            }
        }
    }

    proptest! {
        /// Lanes out of step with each other and with the block boundaries; one often ends long before the other.
        #[test]
        fn both_lanes_agree_with_sha2_however_the_bytes_arrive(
            pieces in prop::collection::vec((0_usize..300, 0_usize..300), 0..12),
            alone in prop::collection::vec(0_usize..300, 0..3),
        ) {
            for lanes in ways() {
                let (mut a, mut b) = (Hasher::new(), Hasher::new());
                let (mut a_all, mut b_all) = (Vec::new(), Vec::new());
                for (&(a_length, b_length), seed) in pieces.iter().zip(0..) {
                    let (a_piece, b_piece) = (bytes(a_length, seed), bytes(b_length, !seed));
                    update_both_with(lanes, &mut a, &a_piece, &mut b, &b_piece);
                    a_all.extend(a_piece);
                    b_all.extend(b_piece);
                }
                for (&length, seed) in alone.iter().zip(100..) {
                    a.update(&bytes(length, seed));
                    a_all.extend(bytes(length, seed));
                }
                prop_assert_eq!((a.finish(), b.finish()), (Digest::of(&a_all), Digest::of(&b_all)));
            }
        }
    }

    /// Past 4 GiB the length in bytes, past 512 MiB the length in bits leaves 32 bits. sha2 can be put there without
    /// hashing so much: its saved state is the eight words, the count of blocks, and the bytes that wait.
    #[test]
    fn the_length_of_a_huge_message_is_padded_as_sha2_does() {
        for length in [1_u64 << 29, (1 << 32) - 64, 1 << 32, (1 << 32) + 64, 5 << 40, 1 << 60] {
            let mut saved = SerializedState::<Sha256>::default();
            let (state, rest) = saved.split_at_mut(32);
            for (chunk, word) in state.as_chunks_mut::<4>().0.iter_mut().zip(START) {
                *chunk = word.to_le_bytes();
            }
            rest[..8].copy_from_slice(&(length / 64).to_le_bytes());
            let mut theirs = Sha256::deserialize(&saved).unwrap();
            theirs.update(b"the end");

            let mut ours = Hasher {
                length,
                ..Hasher::new()
            };
            ours.update(b"the end");
            assert_eq!(
                ours.finish(),
                Digest::from_bytes(theirs.finalize_fixed().into()),
                "{length}"
            );
        }
    }
}
