use super::row;
use crate::model::{Image, Statement, brief};

/// Where the artifact comes from, and what it is to a registry.
pub fn section(html: &mut String, reference: &str, image: &Image) {
    html.push_str("<section id=\"provenance\">\n<h2>Where it comes from</h2>\n<dl>\n");
    let stored = image.stored();
    let metadata = &stored.metadata;
    let manifest = image.manifest();
    let subject = manifest.subject.as_ref().map(|subject| subject.digest.to_string());
    let rows = [
        ("looked at as", Some(reference.to_owned())),
        ("made on", stored.created.clone()),
        ("source", metadata.source_url.clone()),
        ("revision", metadata.revision.clone()),
        ("says something of", subject),
        ("format of the artifact", Some(stored.dialect.name().to_owned())),
        ("digest", Some(stored.digest.to_string())),
        ("media type", Some(image.media_type().to_owned())),
        ("artifact type", manifest.artifact_type.clone()),
        ("config", Some(image.config_digest().to_string())),
        ("config's media type", Some(stored.config.media_type.clone())),
    ];
    for (name, value) in rows {
        if value.is_some() {
            row(html, name, &Statement::One(value));
        }
    }
    html.push_str("</dl>\n");
    if !stored.annotations.is_empty() {
        html.push_str("<h3>Annotations</h3>\n<dl>\n");
        for (key, value) in &stored.annotations {
            row(html, key, &Statement::One(Some(brief(key, value).into_owned())));
        }
        html.push_str("</dl>\n");
    }
    html.push_str("</section>\n");
}
