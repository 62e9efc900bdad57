//! Two SHA-256 messages side by side on one core. The only unsafe code of the project is here.
//!
//! `sha256rnds2` takes 4 cycles and a core can start one every 2 (Zen 3 and later; Intel since Ice Lake alike), but
//! the rounds of one message wait for each other. The rounds of a second, independent message fit into the gaps.

#[cfg(target_arch = "x86_64")]
pub(super) use sha_ni::Interleaved;

#[cfg(not(target_arch = "x86_64"))]
pub(super) use absent::Interleaved;

#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    reason = "two messages at once double the rate, and sha2 takes one at a time"
)]
mod sha_ni {
    use std::arch::x86_64::{
        __m128i, _mm_add_epi32, _mm_alignr_epi8, _mm_extract_epi32, _mm_loadu_si128, _mm_set_epi8, _mm_set_epi32,
        _mm_setzero_si128, _mm_sha256msg1_epu32, _mm_sha256msg2_epu32, _mm_sha256rnds2_epu32, _mm_shuffle_epi8,
        _mm_shuffle_epi32,
    };

    use super::super::hasher::BLOCK;

    /// The proof that this CPU has the instructions: there is no other way to get one than [`Self::detect`].
    #[derive(Debug, Clone, Copy)]
    pub(in super::super) struct Interleaved(());

    impl Interleaved {
        /// `None` if the CPU lacks SHA-NI; asked anew each time, which the standard library answers from memory.
        pub(in super::super) fn detect() -> Option<Self> {
            let all = is_x86_feature_detected!("sha")
                && is_x86_feature_detected!("sse2")
                && is_x86_feature_detected!("ssse3")
                && is_x86_feature_detected!("sse4.1");
            all.then_some(Self(()))
        }

        /// Runs each state over its blocks, as many as both have.
        #[expect(clippy::unused_self, reason = "to have one is the condition")]
        pub(in super::super) fn compress(
            self,
            a: &mut [u32; 8],
            a_blocks: &[[u8; BLOCK]],
            b: &mut [u32; 8],
            b_blocks: &[[u8; BLOCK]],
        ) {
            // SAFETY: `compress` is safe but for the CPU features it is compiled for, and `self` exists only if
            // `detect` found all of them.
            unsafe {
                compress(a, a_blocks, b, b_blocks);
            }
        }
    }

    /// The constants of the 64 rounds, four to a step (FIPS 180-4, 4.2.2).
    const K: [[u32; 4]; 16] = [
        [0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5],
        [0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5],
        [0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3],
        [0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174],
        [0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc],
        [0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da],
        [0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7],
        [0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967],
        [0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13],
        [0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85],
        [0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3],
        [0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070],
        [0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5],
        [0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3],
        [0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208],
        [0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2],
    ];

    #[target_feature(enable = "sha,sse2,ssse3,sse4.1")]
    fn compress(a: &mut [u32; 8], a_blocks: &[[u8; BLOCK]], b: &mut [u32; 8], b_blocks: &[[u8; BLOCK]]) {
        let mut a_lane = Lane::load(a);
        let mut b_lane = Lane::load(b);
        for (a_block, b_block) in a_blocks.iter().zip(b_blocks) {
            let (a_before, b_before) = (a_lane, b_lane);
            let (mut a_words, mut b_words) = (message(a_block), message(b_block));
            let (first, later) = K.split_at(4);
            for (constants, (a_word, b_word)) in first.iter().zip(a_words.into_iter().zip(b_words)) {
                four_rounds(&mut a_lane, a_word, &mut b_lane, b_word, vector(constants));
            }
            for constants in later {
                a_words = schedule(a_words);
                b_words = schedule(b_words);
                four_rounds(&mut a_lane, a_words[3], &mut b_lane, b_words[3], vector(constants));
            }
            a_lane.add(a_before);
            b_lane.add(b_before);
        }
        *a = a_lane.store();
        *b = b_lane.store();
    }

    /// The eight words of a state in the order in which `sha256rnds2` wants them, the highest named first.
    #[derive(Clone, Copy)]
    struct Lane {
        abef: __m128i,
        cdgh: __m128i,
    }

    #[expect(clippy::many_single_char_names, reason = "FIPS 180-4 names the words so")]
    impl Lane {
        #[inline]
        #[target_feature(enable = "sse2,sse4.1")]
        fn load(state: &[u32; 8]) -> Self {
            let [a, b, c, d, e, f, g, h] = *state;
            Self {
                abef: vector(&[f, e, b, a]),
                cdgh: vector(&[h, g, d, c]),
            }
        }

        #[inline]
        #[target_feature(enable = "sse2,sse4.1")]
        fn store(self) -> [u32; 8] {
            let [f, e, b, a] = words(self.abef);
            let [h, g, d, c] = words(self.cdgh);
            [a, b, c, d, e, f, g, h]
        }

        #[inline]
        #[target_feature(enable = "sse2")]
        fn add(&mut self, before: Self) {
            self.abef = _mm_add_epi32(self.abef, before.abef);
            self.cdgh = _mm_add_epi32(self.cdgh, before.cdgh);
        }
    }

    /// Four rounds of both, instruction by instruction in turn: by itself 3.6 GB/s on a Zen 4 core, where the four of `a`
    /// and then the four of `b` reach 3.3. Inside the program it is 3.4, because the sixteen registers do not quite
    /// suffice and the compiler then spills a state between blocks; AVX encodings or loading the words one by one do
    /// not help (3.2). `cargo bench` shows the rate: look at it after a change of compiler.
    #[inline]
    #[target_feature(enable = "sha,sse2")]
    fn four_rounds(a: &mut Lane, a_words: __m128i, b: &mut Lane, b_words: __m128i, constants: __m128i) {
        let a_sum = _mm_add_epi32(a_words, constants);
        let b_sum = _mm_add_epi32(b_words, constants);
        a.cdgh = _mm_sha256rnds2_epu32(a.cdgh, a.abef, a_sum);
        b.cdgh = _mm_sha256rnds2_epu32(b.cdgh, b.abef, b_sum);
        a.abef = _mm_sha256rnds2_epu32(a.abef, a.cdgh, _mm_shuffle_epi32::<0b00_00_11_10>(a_sum));
        b.abef = _mm_sha256rnds2_epu32(b.abef, b.cdgh, _mm_shuffle_epi32::<0b00_00_11_10>(b_sum));
    }

    /// The sixteen words of a block, four to a vector.
    #[inline]
    #[target_feature(enable = "sse2,ssse3")]
    fn message(block: &[u8; BLOCK]) -> [__m128i; 4] {
        // Within each word the bytes come highest first.
        let order = _mm_set_epi8(12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3);
        let mut vectors = [_mm_setzero_si128(); 4];
        for (vector, bytes) in vectors.iter_mut().zip(block.as_chunks::<16>().0) {
            // SAFETY: `bytes` are the sixteen that are read, and this instruction asks for no alignment. Without it
            // (`_mm_set_epi64x` of two integers) the compiler loads each half for itself, at 7 % of the rate.
            let bytes = unsafe { _mm_loadu_si128(bytes.as_ptr().cast()) };
            *vector = _mm_shuffle_epi8(bytes, order);
        }
        vectors
    }

    /// The last sixteen words, moved on by four (FIPS 180-4, 6.2.2 step 1).
    #[inline]
    #[target_feature(enable = "sha,sse2,ssse3")]
    fn schedule([w0, w1, w2, w3]: [__m128i; 4]) -> [__m128i; 4] {
        let sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8::<4>(w3, w2));
        [w1, w2, w3, _mm_sha256msg2_epu32(sum, w3)]
    }

    #[inline]
    #[target_feature(enable = "sse2")]
    fn vector([w0, w1, w2, w3]: &[u32; 4]) -> __m128i {
        _mm_set_epi32(w3.cast_signed(), w2.cast_signed(), w1.cast_signed(), w0.cast_signed())
    }

    #[inline]
    #[target_feature(enable = "sse2,sse4.1")]
    fn words(vector: __m128i) -> [u32; 4] {
        [
            _mm_extract_epi32::<0>(vector).cast_unsigned(),
            _mm_extract_epi32::<1>(vector).cast_unsigned(),
            _mm_extract_epi32::<2>(vector).cast_unsigned(),
            _mm_extract_epi32::<3>(vector).cast_unsigned(),
        ]
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod absent {
    use super::super::hasher::BLOCK;

    /// Other architectures have no second lane yet: there is no value of this type.
    #[derive(Debug, Clone, Copy)]
    pub(in super::super) enum Interleaved {}

    impl Interleaved {
        /// `None`.
        pub(in super::super) fn detect() -> Option<Self> {
            None
        }

        /// Cannot be called.
        pub(in super::super) fn compress(
            self,
            _: &mut [u32; 8],
            _: &[[u8; BLOCK]],
            _: &mut [u32; 8],
            _: &[[u8; BLOCK]],
        ) {
            match self {}
        }
    }
}
