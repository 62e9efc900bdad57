use std::fmt::Write as _;

use super::escaped::Escaped;
use crate::model::review::Finding;

/// How many files of a finding are named; all of them stand in the table.
const NAMED: usize = 20;

/// What there is to look at.
pub fn section(html: &mut String, findings: &[Finding]) {
    html.push_str("<section id=\"findings\">\n<h2>What to look at</h2>\n");
    if findings.is_empty() {
        html.push_str("<p>Nothing stands out by names, types and what is stated.</p>\n");
    }
    for finding in findings {
        one(html, finding);
    }
    html.push_str("</section>\n");
}

fn one(html: &mut String, finding: &Finding) {
    let word = finding.urgency.name();
    // Writing to a String cannot fail.
    let _ = writeln!(
        html,
        "<div class=\"finding {word}\">\n<h3><span class=\"word\">{word}</span>{}</h3>\n<p>{}</p>",
        finding.title,
        Escaped(&finding.why)
    );
    if !finding.files.is_empty() {
        html.push_str("<ul>\n");
        for file in finding.files.iter().take(NAMED) {
            let _ = writeln!(html, "<li><code><bdi>{}</bdi></code></li>", Escaped(file));
        }
        match finding.files.len().saturating_sub(NAMED) {
            0 => {}
            more => {
                let _ = writeln!(html, "<li>and {more} more</li>");
            }
        }
        html.push_str("</ul>\n");
    }
    html.push_str("</div>\n");
}
