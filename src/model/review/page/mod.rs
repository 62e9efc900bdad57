//! The page: HTML with nothing in it that is not escaped, and nothing that asks for anything else.

mod escaped;
mod files;
mod findings;
mod map;
mod provenance;

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use escaped::Escaped;

use super::rules;
use crate::artifact::read::Stored;
use crate::digest::Digest;
use crate::model::{Image, Overview, Statement, human};

/// All that is to be seen of the page but its words.
const STYLE: &str = include_str!("style.css");

/// What stands on top already, or below with what the artifact is made from.
const ELSEWHERE: [&str; 5] = ["title", "description", "sourceurl", "revision", "created"];

/// A page about an artifact, which is called `reference`, for whoever has to approve it.
///
/// One document for any browser, on paper, too. What the artifact says is shown and never obeyed: no script runs, and a
/// policy in the page forbids all that it could ask for. The bytes depend on manifest, config, `reference` and the
/// version of this program alone.
///
/// ```
/// use modelbuild::artifact::media_type::MODELPACK_CONFIG;
/// use modelbuild::model::{Image, manifest_for_layers, review};
///
/// let config = br#"{"descriptor":{"name":"<b>bold</b>"}}"#;
/// let manifest = manifest_for_layers(MODELPACK_CONFIG, config, &[], &[].into())?;
/// let page = review::page("dist/bold", &Image::new(manifest, config.to_vec())?);
/// assert!(page.contains("<h1>&lt;b&gt;bold&lt;/b&gt;</h1>"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn page(reference: &str, image: &Image) -> String {
    let stored = image.stored();
    let overview = Overview::new(stored);
    let findings = rules::findings(image);
    let mut html = String::new();
    head(&mut html, &title(stored, reference));
    header(&mut html, reference, &overview);
    findings::section(&mut html, &findings);
    stated(&mut html, &overview);
    map::section(&mut html, &overview);
    files::section(&mut html, &overview);
    provenance::section(&mut html, reference, image);
    // Writing to a String cannot fail, here and below.
    let _ = write!(
        html,
        "<footer>Written by modelbuild {} from the artifact's manifest and config. No file of the model was read: sizes \
         are those that the manifest states, and findings go by names and types.</footer>\n</body></html>\n",
        env!("CARGO_PKG_VERSION")
    );
    html
}

/// What the model is called.
fn title(stored: &Stored, reference: &str) -> String {
    let metadata = &stored.metadata;
    let name = Some(&metadata.name).filter(|name| !name.is_empty());
    metadata
        .title
        .as_ref()
        .or(name)
        .map_or_else(|| reference.to_owned(), Clone::clone)
}

fn head(html: &mut String, title: &str) {
    let hash = STANDARD.encode(Digest::of(STYLE.as_bytes()).bytes());
    let title = Escaped(title);
    let _ = write!(
        html,
        "<!DOCTYPE html>\n<html lang=\"en\"><head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{title}: model review</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    );
}

/// What somebody wants to know first.
fn header(html: &mut String, reference: &str, overview: &Overview<'_>) {
    let stored = overview.stored;
    let metadata = &stored.metadata;
    let _ = writeln!(html, "<header>\n<h1>{}</h1>", Escaped(&title(stored, reference)));
    if let Some(description) = &metadata.description {
        let _ = writeln!(html, "<p>{}</p>", Escaped(description));
    }
    let _ = writeln!(
        html,
        "<p class=\"soft\"><code>{}</code></p>\n<ul class=\"facts\">",
        stored.digest
    );
    let licenses = Some(metadata.licenses.join(", ")).filter(|licenses| !licenses.is_empty());
    let facts = [
        ("size", Some(human(overview.size))),
        ("files", Some(overview.layers.len().to_string())),
        ("family", metadata.family.clone()),
        ("parameters", metadata.param_size.clone()),
        ("format", metadata.format.clone()),
        ("precision", metadata.precision.clone()),
        ("quantization", metadata.quantization.clone()),
        ("context", metadata.context_size.map(|tokens| tokens.to_string())),
        ("licence", licenses.or_else(|| Some("not stated".to_owned()))),
    ];
    for (name, value) in facts {
        if let Some(value) = value {
            let _ = writeln!(html, "<li><span>{name}</span><b>{}</b></li>", Escaped(&value));
        }
    }
    html.push_str("</ul>\n</header>\n");
}

/// What the config says.
fn stated(html: &mut String, overview: &Overview<'_>) {
    html.push_str("<section id=\"stated\">\n<h2>What is stated</h2>\n");
    let shown = overview.stated.iter().filter(|(name, _)| !ELSEWHERE.contains(name));
    let rows: Vec<_> = shown.collect();
    if rows.is_empty() {
        html.push_str("<p class=\"soft\">Nothing.</p>\n");
    } else {
        html.push_str("<dl>\n");
        for (name, statement) in rows {
            row(html, label(name), statement);
        }
        html.push_str("</dl>\n");
    }
    html.push_str("</section>\n");
}

/// What a reviewer calls a statement, who need not know the Modelfile's keywords.
fn label(keyword: &str) -> &str {
    match keyword {
        "arch" => "architecture",
        "paramsize" => "parameters",
        "author" => "authors",
        "license" => "licence",
        "docurl" => "documentation",
        "dataseturl" => "trained on",
        "input" => "takes",
        "output" => "gives",
        "language" => "languages",
        "cutoff" => "knowledge until",
        "capability" => "capabilities",
        "context" => "context, in tokens",
        keyword => keyword,
    }
}

/// A share, where what is less than one in a hundred is not nothing.
fn share(percent: u64, bytes: u64) -> String {
    match (percent, bytes) {
        (0, 1..) => "&lt; 1 %".to_owned(),
        (percent, _) => format!("{percent} %"),
    }
}

/// A name and what is stated under it; addresses can be followed.
fn row(html: &mut String, name: &str, statement: &Statement) {
    let values = match statement {
        Statement::One(value) => value.iter().collect(),
        Statement::Many(values) => values.iter().collect::<Vec<_>>(),
    };
    let _ = write!(html, "<dt>{}</dt><dd>", Escaped(name));
    for (index, value) in values.into_iter().enumerate() {
        if index > 0 {
            html.push_str(", ");
        }
        escaped::linked(html, value);
    }
    html.push_str("</dd>\n");
}
