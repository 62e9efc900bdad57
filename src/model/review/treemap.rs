/// A rectangle of a treemap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tile {
    /// Which of the sizes it stands for.
    pub index: usize,
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// Divides a rectangle among `sizes`, in areas of their proportions, each as square as it gets (Bruls, Huizing, van Wijk,
/// "Squarified Treemaps", 2000). What has no size has no tile. The largest come first, at the left and top.
///
/// ```
/// use modelbuild::model::review::squarify;
///
/// let tiles = squarify(&[1, 0, 3], 4.0, 1.0);
/// let widths: Vec<_> = tiles.iter().map(|tile| (tile.index, tile.width)).collect();
/// assert_eq!(widths, [(2, 3.0), (0, 1.0)]);
/// ```
#[must_use]
pub fn squarify(sizes: &[u64], width: f64, height: f64) -> Vec<Tile> {
    #[allow(clippy::cast_precision_loss, reason = "a tile is not drawn to the byte")]
    let total = sizes.iter().map(|size| u128::from(*size)).sum::<u128>() as f64;
    let mut order: Vec<_> = (0..).zip(sizes).filter(|(_, size)| **size > 0).collect();
    order.sort_by_key(|(index, size)| (std::cmp::Reverse(**size), *index));
    #[allow(clippy::cast_precision_loss, reason = "as above")]
    let area = |size: u64| size as f64 / total * width * height;
    // What is too small to be seen would only bring the rounding of what is large to the surface.
    let least = width * height * 1e-9;
    let areas = order.into_iter().map(|(index, size)| (index, area(*size)));
    let mut areas = areas.take_while(|(_, area)| *area > least).peekable();
    let mut free = Free {
        x: 0.0,
        y: 0.0,
        width,
        height,
    };
    let mut tiles = Vec::new();
    while let Some(first) = areas.next() {
        let mut row = Row::of(first);
        let side = free.width.min(free.height);
        while let Some(next) = areas.next_if(|next| row.with(*next).worst(side) <= row.worst(side)) {
            row.push(next);
        }
        free.fill(&row, &mut tiles);
    }
    tiles
}

/// Tiles that lie along one side.
struct Row {
    areas: Vec<(usize, f64)>,
    sum: f64,
    least: f64,
    most: f64,
}

impl Row {
    fn of(first: (usize, f64)) -> Self {
        Self {
            areas: vec![first],
            sum: first.1,
            least: first.1,
            most: first.1,
        }
    }

    /// What it would be with one more, as far as [`Self::worst`] asks.
    fn with(&self, (_, area): (usize, f64)) -> Self {
        Self {
            areas: Vec::new(),
            sum: self.sum + area,
            least: self.least.min(area),
            most: self.most.max(area),
        }
    }

    fn push(&mut self, next: (usize, f64)) {
        let Self { sum, least, most, .. } = self.with(next);
        self.areas.push(next);
        (self.sum, self.least, self.most) = (sum, least, most);
    }

    /// How far from a square the worst of its tiles is, when they lie along a side of that length.
    fn worst(&self, side: f64) -> f64 {
        let (side, sum) = (side * side, self.sum * self.sum);
        (side * self.most / sum).max(sum / (side * self.least))
    }
}

/// What is not divided yet.
struct Free {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl Free {
    /// Lays a row along the shorter side, and takes it off.
    fn fill(&mut self, row: &Row, tiles: &mut Vec<Tile>) {
        let is_wide = self.width >= self.height;
        let depth = row.sum / if is_wide { self.height } else { self.width };
        let (mut x, mut y) = (self.x, self.y);
        for (index, area) in &row.areas {
            let length = area / depth;
            let (width, height) = if is_wide { (depth, length) } else { (length, depth) };
            tiles.push(Tile {
                index: *index,
                x,
                y,
                width,
                height,
            });
            if is_wide {
                y += length;
            } else {
                x += length;
            }
        }
        if is_wide {
            self.x += depth;
            self.width -= depth;
        } else {
            self.y += depth;
            self.height -= depth;
        }
    }
}
