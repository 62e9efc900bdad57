/// Which of the `places`, all different, are out of order: as few as can be, so that the others ascend.
///
/// The longest ascending subsequence stays (patience sorting, n log n: an artifact may have 10,000 layers).
pub fn out_of_order(places: &[usize]) -> Vec<bool> {
    // At each length, the run of that length with the lowest end: the end's index. `before` leads back through it.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(places.len());
    let place = |index: &usize| places.get(*index).copied();
    for (index, now) in places.iter().enumerate() {
        let length = ends.partition_point(|end| place(end) < Some(*now));
        before.push(length.checked_sub(1).and_then(|length| ends.get(length).copied()));
        match ends.get_mut(length) {
            Some(end) => *end = index,
            None => ends.push(index),
        }
    }
    let mut out = vec![true; places.len()];
    let mut next = ends.last().copied();
    while let Some(index) = next {
        if let Some(out) = out.get_mut(index) {
            *out = false;
        }
        next = before.get(index).copied().flatten();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::out_of_order;

    #[test]
    fn as_few_as_can_be() {
        for (places, expected) in [
            (&[][..], &[][..]),
            (&[0, 1, 2], &[]),
            (&[3, 7, 9], &[]),
            (&[2, 0, 1], &[0]),
            (&[1, 2, 0], &[2]),
            (&[1, 0], &[0]),
            (&[5, 1, 2, 0, 3], &[0, 3]),
        ] {
            let out = out_of_order(places);
            let moved: Vec<_> = (0..places.len()).filter(|index| out[*index]).collect();
            assert_eq!(moved, expected, "{places:?}");
        }
    }
}
