use std::fmt::Write as _;

use super::escaped::Escaped;
use super::map::key;
use crate::model::{Overview, Share, human};
use crate::plan::{LayerEncoding, plural};

/// Every file.
pub fn section(html: &mut String, overview: &Overview<'_>) {
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        html,
        "<section id=\"files\">\n<h2>Files</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th>path and digest</th>\
         <th>kind</th><th>packed</th><th class=\"number\">size</th><th class=\"number\">share</th></tr></thead>\n<tbody>\n"
    );
    for share in &overview.layers {
        row(html, share);
    }
    let _ = writeln!(
        html,
        "</tbody>\n<tfoot><tr><th>{}</th><td></td><td></td><td class=\"number\">{}</td>\
         <td class=\"number\"></td></tr></tfoot>\n</table></div>\n</section>",
        plural(overview.layers.len(), "file"),
        human(overview.size)
    );
}

fn row(html: &mut String, share: &Share<'_>) {
    let layer = share.layer;
    let path = layer.path.as_deref().map_or_else(
        || "<span class=\"soft\">without a name</span>".to_owned(),
        |path| format!("<bdi>{}</bdi>", Escaped(path)),
    );
    let kind = layer.kind_name().unwrap_or("unknown");
    let executable = if layer.executable { ", executable" } else { "" };
    let encoding = match layer.encoding {
        Some(LayerEncoding::Raw) => "no".to_owned(),
        Some(encoding) => encoding.name().to_owned(),
        None => Escaped(&layer.descriptor.media_type).to_string(),
    };
    let _ = writeln!(
        html,
        "<tr><td class=\"path\">{path}<code class=\"digest\">{}</code></td><td class=\"kind\">{}{kind}{executable}</td>\
         <td>{encoding}</td><td class=\"number\" title=\"{}\">{}</td><td class=\"number\">{}</td></tr>",
        layer.descriptor.digest,
        key(kind),
        plural(layer.descriptor.size, "byte"),
        human(layer.descriptor.size),
        super::share(share.percent, layer.descriptor.size)
    );
}
