use modelbuild::model::review;
use serde_json::json;
use snapbox::{assert_data_eq, str};

use super::{image, layer};
use crate::harness::Test;

/// The page without its head.
fn body(page: &str) -> &str {
    page.split_once("<body>\n").unwrap().1
}

#[test]
#[allow(clippy::too_many_lines, reason = "most are of the page")]
fn a_page_says_what_there_is() {
    let descriptor = json!({
        "name": "tiny", "title": "Tiny & small", "family": "llama", "licenses": ["MIT"], "docURL": "https://d/?a=1&b=2",
        "sourceURL": "https://s", "revision": "abc", "createdAt": "2025-01-01T00:00:00Z", "authors": ["Ada", "Grace"],
    });
    let layers = [
        layer("weight.v1.raw", "m.gguf", 7_000_000),
        layer("weight.v1.raw", "mmproj.gguf", 2_000_000),
        layer("code.v1.tar+gzip", "src", 1_000_000),
        layer("doc.v1.raw", "LICENSE", 1000),
    ];
    let page = review::page("dist/tiny", &image(&descriptor, &layers));
    let version = env!("CARGO_PKG_VERSION");
    assert_data_eq!(
        body(&page).replace(version, "[VERSION]"),
        str![[r#"
<header>
<h1>Tiny &amp; small</h1>
<p class="soft"><code>sha256:a838d78bdcf1bb28a6dd7911bd1dd33cfdd7c90c1fe4d9c98d7f22e572c33739</code></p>
<ul class="facts">
<li><span>size</span><b>10.0 MB</b></li>
<li><span>files</span><b>4</b></li>
<li><span>family</span><b>llama</b></li>
<li><span>format</span><b>gguf</b></li>
<li><span>licence</span><b>MIT</b></li>
</ul>
</header>
<section id="findings">
<h2>What to look at</h2>
<div class="finding caution">
<h3><span class="word">caution</span>Code</h3>
<p>Programs and scripts. An engine may run them when it is told to trust remote code, a user by hand: they have to be read.</p>
<ul>
<li><code><bdi>src</bdi></code></li>
</ul>
</div>
<div class="finding caution">
<h3><span class="word">caution</span>Packed files</h3>
<p>Archives and compressed files may hold any number of files, which are not listed here.</p>
<ul>
<li><code><bdi>src</bdi></code></li>
</ul>
</div>
</section>
<section id="stated">
<h2>What is stated</h2>
<dl>
<dt>name</dt><dd>tiny</dd>
<dt>family</dt><dd>llama</dd>
<dt>format</dt><dd>gguf</dd>
<dt>authors</dt><dd>Ada, Grace</dd>
<dt>licence</dt><dd>MIT</dd>
<dt>documentation</dt><dd><a href="https://d/?a=1&amp;b=2" rel="noopener noreferrer">https://d/?a=1&amp;b=2</a></dd>
</dl>
</section>
<section id="sizes">
<h2>Sizes</h2>
<svg class="map" viewBox="0 0 960 420" role="img" aria-label="The files by their sizes; the table below has the numbers">
<g><title>m.gguf
7.00 MB
sha256:837e5b2cff535664106255e7cfea3201b4f39be008abc72e4696f8460d717716</title><rect class="weight" x="0.0" y="0.0" width="671.9" height="420.0"></rect><text x="8.0" y="17.0">m.gguf</text><text class="small" x="8.0" y="33.0">7.00 MB</text></g>
<g><title>mmproj.gguf
2.00 MB
sha256:11db012eefdddf3271ad69355eeb120882f5c50aa0c4dd08965ffb9e544d28f3</title><rect class="projector" x="671.9" y="0.0" width="288.1" height="279.9"></rect><text x="679.9" y="17.0">mmproj.gguf</text><text class="small" x="679.9" y="33.0">2.00 MB</text></g>
<g><title>src
1.00 MB
sha256:25a6634263c1b1f6fc4697a04e2b9904ea4b042a89af59dc93ec1f5d44848a26</title><rect class="code" x="671.9" y="279.9" width="287.8" height="140.1"></rect><text x="679.9" y="296.9">src</text><text class="small" x="679.9" y="312.9">1.00 MB</text></g>
<g><title>LICENSE
1.00 kB
sha256:c693279643b8cd5d248172d9c22cb7cf4ed163a3c98c8a3f69c2717edd3eacb7</title><rect class="doc" x="959.7" y="279.9" width="0.3" height="140.1"></rect></g>
</svg>
<div class="scroll"><table class="kinds">
<thead><tr><th>kind</th><th class="number">files</th><th class="number">size</th><th class="number">share</th></tr></thead>
<tbody>
<tr><td class="kind"><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="weight" width="8" height="8"></rect></svg>weight</td><td class="number">1</td><td class="number">7.00 MB</td><td class="number">70 %</td></tr>
<tr><td class="kind"><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="projector" width="8" height="8"></rect></svg>projector</td><td class="number">1</td><td class="number">2.00 MB</td><td class="number">20 %</td></tr>
<tr><td class="kind"><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="code" width="8" height="8"></rect></svg>code</td><td class="number">1</td><td class="number">1.00 MB</td><td class="number">10 %</td></tr>
<tr><td class="kind"><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="doc" width="8" height="8"></rect></svg>doc</td><td class="number">1</td><td class="number">1.00 kB</td><td class="number">&lt; 1 %</td></tr>
</tbody>
</table></div>
</section>
<section id="files">
<h2>Files</h2>
<div class="scroll"><table>
<thead><tr><th>path and digest</th><th>kind</th><th>packed</th><th class="number">size</th><th class="number">share</th></tr></thead>
<tbody>
<tr><td class="path"><bdi>m.gguf</bdi><code class="digest">sha256:837e5b2cff535664106255e7cfea3201b4f39be008abc72e4696f8460d717716</code></td><td class="kind"><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="weight" width="8" height="8"></rect></svg>weight</td><td>no</td><td class="number" title="7000000 bytes">7.00 MB</td><td class="number">70 %</td></tr>
<tr><td class="path"><bdi>mmproj.gguf</bdi><code class="digest">sha256:11db012eefdddf3271ad69355eeb120882f5c50aa0c4dd08965ffb9e544d28f3</code></td><td class="kind"><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="projector" width="8" height="8"></rect></svg>projector</td><td>no</td><td class="number" title="2000000 bytes">2.00 MB</td><td class="number">20 %</td></tr>
<tr><td class="path"><bdi>src</bdi><code class="digest">sha256:25a6634263c1b1f6fc4697a04e2b9904ea4b042a89af59dc93ec1f5d44848a26</code></td><td class="kind"><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="code" width="8" height="8"></rect></svg>code</td><td>tar+gzip</td><td class="number" title="1000000 bytes">1.00 MB</td><td class="number">10 %</td></tr>
<tr><td class="path"><bdi>LICENSE</bdi><code class="digest">sha256:c693279643b8cd5d248172d9c22cb7cf4ed163a3c98c8a3f69c2717edd3eacb7</code></td><td class="kind"><svg class="key" viewBox="0 0 8 8" aria-hidden="true"><rect class="doc" width="8" height="8"></rect></svg>doc</td><td>no</td><td class="number" title="1000 bytes">1.00 kB</td><td class="number">&lt; 1 %</td></tr>
</tbody>
<tfoot><tr><th>4 files</th><td></td><td></td><td class="number">10.0 MB</td><td class="number"></td></tr></tfoot>
</table></div>
</section>
<section id="provenance">
<h2>Where it comes from</h2>
<dl>
<dt>looked at as</dt><dd>dist/tiny</dd>
<dt>made on</dt><dd>2025-01-01T00:00:00Z</dd>
<dt>source</dt><dd><a href="https://s" rel="noopener noreferrer">https://s</a></dd>
<dt>revision</dt><dd>abc</dd>
<dt>format of the artifact</dt><dd>modelpack</dd>
<dt>digest</dt><dd>sha256:a838d78bdcf1bb28a6dd7911bd1dd33cfdd7c90c1fe4d9c98d7f22e572c33739</dd>
<dt>media type</dt><dd>application/vnd.oci.image.manifest.v1+json</dd>
<dt>artifact type</dt><dd>application/vnd.cncf.model.manifest.v1+json</dd>
<dt>config</dt><dd>sha256:481266109457b0ea67ec06d1fbcccd311f5ee9ccc0b5fa0a37fd9aea74507736</dd>
<dt>config&#39;s media type</dt><dd>application/vnd.cncf.model.config.v1+json</dd>
</dl>
<h3>Annotations</h3>
<dl>
<dt>org.example.ci</dt><dd><a href="https://ci.example/1" rel="noopener noreferrer">https://ci.example/1</a></dd>
</dl>
</section>
<footer>Written by modelbuild [VERSION] from the artifact's manifest and config. No file of the model was read: sizes are those that the manifest states, and findings go by names and types.</footer>
</body></html>

"#]]
    );
}

#[test]
fn ten_thousand_files_share_a_tile() {
    let layers: Vec<_> = (0..10_000)
        .map(|index| layer("dataset.v1.raw", &format!("{index:05}.json"), 1000))
        .collect();
    let page = review::page("x", &image(&json!({}), &layers));
    assert_eq!(page.matches("<g><title>").count(), 251);
    assert!(page.contains("9750 smaller files"));
    assert_eq!(page.matches("<td class=\"path\">").count(), 10_000);
}

#[test]
fn the_same_bytes_wherever_it_is_written() {
    let built = Test::new()
        .file("m/Modelfile", "NAME x\nMODEL m.gguf\nCODE run.py\n")
        .file("m/m.gguf", "GGUF")
        .file("m/run.py", "print()")
        .args(["build", "m", "-q", "-o", "layout", "-o", "m.tar"])
        .run();
    let to_file = built
        .then()
        .args(["inspect", "layout", "--html", "a.html"])
        .stdout("")
        .stderr("wrote `a.html`\n")
        .run();
    let page = fs_err::read_to_string(to_file.dir().join("a.html")).unwrap();
    let printed = to_file
        .then()
        .args(["inspect", "layout", "--html", "-"])
        .stderr("")
        .run();
    assert_eq!(String::from_utf8_lossy(&printed.stdout), page);
    let of_tar = printed.then().args(["inspect", "m.tar", "--html", "-"]).run();
    assert_eq!(
        String::from_utf8_lossy(&of_tar.stdout),
        page.replace("<dd>layout</dd>", "<dd>m.tar</dd>")
    );
    of_tar
        .then()
        .args(["inspect", "layout", "--html", "m/run.py/page.html"])
        .status(1)
        .stdout("")
        .stderr(str![[r#"
error: cannot write the page: failed to create directory `m/run.py`: File exists (os error 17)
  = help: name a file in a directory that you can write to, or `-` for standard output

"#]])
        .run();
}
