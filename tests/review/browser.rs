//! The page in a real browser, whatever the artifact says.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use modelbuild::model::review;
use serde_json::json;
use tempfile::tempdir;

use super::{image, layer};
use crate::oracle::skip;

/// Answers every request with `page`, and writes down what was asked for.
fn serve(page: String) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&asked);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let read = stream.read(&mut request).unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..read]);
            let first = request.lines().next().unwrap_or_default().to_owned();
            if !first.is_empty() {
                record.lock().unwrap().push(first);
            }
            let length = page.len();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            let _ = stream.write_all(head.as_bytes());
            let _ = stream.write_all(page.as_bytes());
        }
    });
    (port, asked)
}

/// Chromium without a window; what it prints, and what it says about the page.
fn chromium(arguments: &[&str]) -> Option<(String, String)> {
    let home = tempdir().unwrap();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-extensions",
        ])
        .args([
            "--enable-logging=stderr",
            "--hide-scrollbars",
            "--window-size=1200,2400",
        ])
        .arg(format!("--user-data-dir={}", home.path().display()))
        .args(arguments)
        .env("HOME", home.path())
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        skip("install chromium by tests/oracles/install.sh");
        return None;
    };
    assert!(output.status.success(), "{output:?}");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Some((text(&output.stdout), text(&output.stderr)))
}

/// As the browser writes it again: it has quotes as they are in texts.
fn plain(html: &str) -> String {
    let (shown, _) = html.split_once("</footer>").expect("a footer");
    shown.replace("&#39;", "'").replace("&quot;", "\"")
}

#[test]
fn nothing_that_an_artifact_says_is_obeyed() {
    // The port is not known before the page is, so what would ask for something asks the page's own server.
    let attack =
        "<script src=/script></script><img src=/image onerror=document.title='run'>\"'><svg onload=fetch('/svg')>";
    let descriptor = json!({
        "name": attack, "title": format!("</title>{attack}"), "description": format!("</style>{attack}-->"),
        "licenses": [attack], "authors": [attack], "docURL": "javascript:document.title='run'",
        "sourceURL": format!("https://s/\"onmouseover=\"x{attack}"), "revision": "\u{202e}drow\n\tnext",
    });
    let layers = [
        layer("weight.v1.raw", &format!("{attack}.gguf"), 5000),
        layer("weight.v1.raw", "models/plain.gguf", 3000),
        layer(&format!("{attack}.v1.raw"), "unknown", 2000),
    ];
    let page = review::page(attack, &image(&descriptor, &layers));
    let (port, asked) = serve(page.clone());
    let address = format!("http://127.0.0.1:{port}/page");
    let Some((dom, said)) = chromium(&["--dump-dom", &address]) else {
        return;
    };
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked, ["GET /page HTTP/1.1"]);
    assert!(!said.contains("CONSOLE"), "{said}");
    assert_eq!(plain(&dom), plain(&page));
    assert_eq!(dom.matches("<g><title>").count(), 3, "a tile for each file");
}

#[test]
fn the_policy_lets_the_style_through_and_nothing_else() {
    let directory = tempdir().unwrap();
    let file = directory.path().join("page.html");
    let page = review::page("x", &image(&json!({}), &[layer("weight.v1.raw", "m.gguf", 1)]));
    let address = format!("file://{}", file.display());
    fs_err::write(&file, &page).unwrap();
    let Some((_, said)) = chromium(&["--dump-dom", &address]) else {
        return;
    };
    assert!(!said.contains("CONSOLE"), "{said}");
    // The same page with something in it that asks and something that runs: the browser says what it refuses.
    let spoilt = page.replace(
        "<body>",
        "<body><script>document.title = 'run'</script><img src=\"x.png\">",
    );
    fs_err::write(&file, spoilt).unwrap();
    let (dom, said) = chromium(&["--dump-dom", &address]).unwrap();
    assert!(!dom.contains("<title>run"), "{dom}");
    assert!(said.matches("Content Security Policy").count() >= 2, "{said}");
}

#[test]
fn it_is_drawn_on_screen_and_on_paper() {
    let directory = tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    let layers = [
        layer("weight.v1.raw", "m.gguf", 7000),
        layer("doc.v1.raw", "README.md", 3000),
    ];
    fs_err::write(
        at("page.html"),
        review::page("x", &image(&json!({"name": "x"}), &layers)),
    )
    .unwrap();
    let address = format!("file://{}", at("page.html").display());
    let drawn = |path: &Path| fs_err::read(path).unwrap();
    let screenshot = format!("--screenshot={}", at("screen.png").display());
    if chromium(&[&screenshot, &address]).is_none() {
        return;
    }
    assert!(drawn(&at("screen.png")).starts_with(b"\x89PNG"));
    let dark = format!("--screenshot={}", at("dark.png").display());
    chromium(&[&dark, "--blink-settings=preferredColorScheme=0", &address]).unwrap();
    assert_ne!(
        drawn(&at("screen.png")),
        drawn(&at("dark.png")),
        "light and dark differ"
    );
    let paper = format!("--print-to-pdf={}", at("paper.pdf").display());
    chromium(&[&paper, &address]).unwrap();
    assert!(drawn(&at("paper.pdf")).starts_with(b"%PDF"));
}
