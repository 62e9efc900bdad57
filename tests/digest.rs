//! Digests against published ones. Agreement with sha2, piece by piece, is tested beside the hasher.

use modelbuild::digest::{Digest, Hasher, update_both};

/// Messages and digests of NIST's "SHA-256 examples" and the empty message of its CAVP byte vectors.
const KNOWN: [(&[u8], &str); 3] = [
    (
        b"",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    ),
    (
        b"abc",
        "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    ),
    (
        b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "sha256:248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
    ),
];

#[test]
fn published_digests() {
    for (message, digest) in KNOWN {
        let mut alone = Hasher::new();
        alone.update(message);
        assert_eq!(alone.finish().to_string(), digest);
        assert_eq!(Digest::of(message).to_string(), digest);
    }
}

#[test]
fn published_digests_two_at_once() {
    for (a_message, a_digest) in KNOWN {
        for (b_message, b_digest) in KNOWN {
            let (mut a, mut b) = (Hasher::default(), Hasher::default());
            update_both(&mut a, a_message, &mut b, b_message);
            assert_eq!(
                (a.finish().to_string(), b.finish().to_string()),
                (a_digest.to_owned(), b_digest.to_owned())
            );
        }
    }
}

/// NIST's long message: the letter `a`, a million times. The lanes get it in pieces that never end with a block.
#[test]
fn a_million_times_a() {
    let message = vec![b'a'; 1_000_000];
    let (mut a, mut b) = (Hasher::new(), Hasher::new());
    for piece in message.chunks(997) {
        update_both(&mut a, piece, &mut b, piece);
    }
    let digest = "sha256:cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";
    assert_eq!(
        (a.finish().to_string(), b.finish().to_string()),
        (digest.to_owned(), digest.to_owned())
    );
}

/// A clone goes its own way: two messages with the same beginning.
#[test]
fn a_hasher_can_be_cloned_halfway() {
    let mut one = Hasher::new();
    one.update(b"the same ");
    let mut other = one.clone();
    one.update(b"end");
    other.update(b"beginning");
    assert_eq!(
        (one.finish(), other.finish()),
        (Digest::of(b"the same end"), Digest::of(b"the same beginning"))
    );
}
