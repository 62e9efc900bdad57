use modelbuild::model::review::{Tile, squarify};
use proptest::prelude::*;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;

fn overlap(one: &Tile, other: &Tile) -> f64 {
    let along = |a: f64, b: f64, c: f64, d: f64| (b.min(d) - a.max(c)).max(0.0);
    along(one.x, one.x + one.width, other.x, other.x + other.width)
        * along(one.y, one.y + one.height, other.y, other.y + other.height)
}

fn check(sizes: &[u64]) {
    let tiles = squarify(sizes, WIDTH, HEIGHT);
    let total = sizes.iter().map(|size| u128::from(*size)).sum::<u128>();
    #[allow(clippy::cast_precision_loss, reason = "tiles are not exact to the byte")]
    let area = |index: usize| sizes[index] as f64 / total as f64 * WIDTH * HEIGHT;
    for (at, tile) in tiles.iter().enumerate() {
        assert!(
            (tile.width * tile.height - area(tile.index)).abs() < 1e-3,
            "{tile:?} {sizes:?}"
        );
        assert!(tile.x >= 0.0 && tile.x + tile.width < WIDTH + 1e-3, "{tile:?}");
        assert!(tile.y >= 0.0 && tile.y + tile.height < HEIGHT + 1e-3, "{tile:?}");
        for other in &tiles[at + 1..] {
            assert!(overlap(tile, other) < 1e-2, "{tile:?} {other:?} {sizes:?}");
        }
    }
    let mut drawn: Vec<_> = tiles.iter().map(|tile| tile.index).collect();
    drawn.sort_unstable();
    drawn.dedup();
    assert_eq!(drawn.len(), tiles.len());
    // What is left out could not be seen.
    let left_out = (0..sizes.len()).filter(|index| drawn.binary_search(index).is_err());
    assert!(total == 0 || left_out.map(area).all(|area| area < 1e-2));
}

proptest! {
    #[test]
    fn tiles_have_the_areas_of_their_sizes_and_do_not_overlap(
        sizes in prop::collection::vec(prop_oneof![0_u64..5, 0_u64..1_000_000_000_000, any::<u64>()], 0..60)
    ) {
        check(&sizes);
    }
}

#[test]
fn extremes() {
    for sizes in [
        &[][..],
        &[0],
        &[0, 0],
        &[1],
        &[u64::MAX; 40],
        &[u64::MAX, 1],
        &[1; 1000],
    ] {
        check(sizes);
    }
}

#[test]
fn tiles_are_nearly_square() {
    let worst = squarify(&[6, 6, 4, 3, 2, 2, 1], 6.0, 4.0)
        .iter()
        .map(|tile| (tile.width / tile.height).max(tile.height / tile.width))
        .fold(0.0, f64::max);
    // The example of the paper: rows of 6 6, 4 3, 2, 2 1.
    assert!(worst < 2.8, "{worst}");
}
