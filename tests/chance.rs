//! Chance that can be had again: what a test did at random it does once more where its seed is set.

/// The variable that sets it.
const VARIABLE: &str = "MODELBUILD_TEST_SEED";

/// Random numbers whose seed is printed, as a failing test shows it.
pub fn chance() -> fastrand::Rng {
    let set = std::env::var(VARIABLE).ok();
    let seed = set.map_or_else(|| fastrand::u64(..), |text| text.parse().unwrap());
    eprintln!("{VARIABLE}={seed} does the same again");
    fastrand::Rng::with_seed(seed)
}
