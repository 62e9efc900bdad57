use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::escaped::Escaped;
use crate::artifact::read::StoredLayer;
use crate::model::review::{Tile, squarify};
use crate::model::{Overview, human};

/// The map's size in its own units; a browser draws it as wide as the page.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 420.0;

/// How many files have a tile of their own. The others share one: more could not be told from each other.
const TILES: usize = 250;

/// About how wide a letter is, and what is left free around the text.
const LETTER: f64 = 7.0;
const MARGIN: f64 = 8.0;

/// A tile before it has its place.
struct Part {
    kind: &'static str,
    name: String,
    size: u64,
    digest: Option<String>,
}

/// How large the files are, as areas, and how much there is of each kind.
pub fn section(html: &mut String, overview: &Overview<'_>) {
    html.push_str("<section id=\"sizes\">\n<h2>Sizes</h2>\n");
    let parts = parts(overview);
    let sizes: Vec<_> = parts.iter().map(|part| part.size).collect();
    let tiles = squarify(&sizes, WIDTH, HEIGHT);
    if tiles.is_empty() {
        html.push_str("<p class=\"soft\">There is nothing to be drawn.</p>\n");
    } else {
        // Writing to a String cannot fail, here and below.
        let _ = writeln!(
            html,
            "<svg class=\"map\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"The files by their sizes; the \
             table below has the numbers\">"
        );
        for tile in &tiles {
            if let Some(part) = parts.get(tile.index) {
                one(html, tile, part);
            }
        }
        html.push_str("</svg>\n");
    }
    kinds(html, overview);
    html.push_str("</section>\n");
}

fn parts(overview: &Overview<'_>) -> Vec<Part> {
    let mut layers: Vec<&StoredLayer> = overview.layers.iter().map(|share| share.layer).collect();
    layers.sort_by_key(|layer| std::cmp::Reverse(layer.descriptor.size));
    let (large, small) = layers.split_at(layers.len().min(TILES));
    let part = |layer: &&StoredLayer| {
        let digest = layer.descriptor.digest.to_string();
        Part {
            kind: layer.kind_name().unwrap_or("unknown"),
            name: layer.path.clone().unwrap_or_else(|| digest.clone()),
            size: layer.descriptor.size,
            digest: Some(digest),
        }
    };
    let mut parts: Vec<_> = large.iter().map(part).collect();
    if !small.is_empty() {
        let sizes = small.iter().map(|layer| layer.descriptor.size);
        parts.push(Part {
            kind: "doc",
            name: format!("{} smaller files", small.len()),
            size: sizes.fold(0, u64::saturating_add),
            digest: None,
        });
    }
    parts
}

fn one(html: &mut String, tile: &Tile, part: &Part) {
    let Tile {
        x, y, width, height, ..
    } = tile;
    let size = human(part.size);
    let digest = part
        .digest
        .as_ref()
        .map_or(String::new(), |digest| format!("\n{digest}"));
    let _ = write!(
        html,
        "<g><title>{}\n{size}{digest}</title>\
         <rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\"></rect>",
        Escaped(&part.name),
        part.kind
    );
    let (left, top) = (x + MARGIN, y + MARGIN);
    if let Some(name) = fitting(base(&part.name), *width).filter(|_| *height >= 24.0) {
        let _ = write!(
            html,
            "<text x=\"{left:.1}\" y=\"{:.1}\">{}</text>",
            top + 9.0,
            Escaped(&name)
        );
        if let Some(size) = fitting(&size, *width).filter(|short| *height >= 42.0 && *short == size) {
            let _ = write!(
                html,
                "<text class=\"small\" x=\"{left:.1}\" y=\"{:.1}\">{size}</text>",
                top + 25.0
            );
        }
    }
    html.push_str("</g>\n");
}

/// A path's last name.
fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// As much of `text` as a tile of that width can hold; `None` where that says nothing.
fn fitting(text: &str, width: f64) -> Option<String> {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a tile is no wider than the map, and a negative width holds nothing"
    )]
    let room = ((width - 2.0 * MARGIN) / LETTER) as usize;
    if text.chars().count() <= room {
        return Some(text.to_owned());
    }
    let short: String = text.chars().take(room.checked_sub(1)?).collect();
    (short.chars().count() >= 3).then(|| format!("{short}…"))
}

/// How many files there are of each kind, and how large they are; the colours' key at the same time.
fn kinds(html: &mut String, overview: &Overview<'_>) {
    let mut kinds: BTreeMap<_, (usize, u64)> = BTreeMap::new();
    for share in &overview.layers {
        let (count, size) = kinds.entry((share.layer.kind, share.layer.kind_name())).or_default();
        *count += 1;
        *size = size.saturating_add(share.layer.descriptor.size);
    }
    if kinds.is_empty() {
        return;
    }
    html.push_str(
        "<div class=\"scroll\"><table class=\"kinds\">\n<thead><tr><th>kind</th><th class=\"number\">files</th>\
         <th class=\"number\">size</th><th class=\"number\">share</th></tr></thead>\n<tbody>\n",
    );
    for ((_, kind), (count, size)) in kinds {
        let kind = kind.unwrap_or("unknown");
        let _ = writeln!(
            html,
            "<tr><td class=\"kind\">{}{kind}</td><td class=\"number\">{count}</td><td class=\"number\">{}</td>\
             <td class=\"number\">{}</td></tr>",
            key(kind),
            human(size),
            super::share(overview.percent(size), size)
        );
    }
    html.push_str("</tbody>\n</table></div>\n");
}

/// A kind's colour.
pub fn key(kind: &str) -> String {
    format!(
        "<svg class=\"key\" viewBox=\"0 0 8 8\" aria-hidden=\"true\"><rect class=\"{kind}\" width=\"8\" height=\"8\"></rect></svg>"
    )
}
