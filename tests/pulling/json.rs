//! What a machine is told of a pull.

use snapbox::{assert_data_eq, str};

use super::Line;
use crate::telling::events;

#[test]
fn a_download_that_breaks_and_goes_on() {
    let line = Line::new();
    line.spoil(&["cut-down=3000000", "status=503:1"]);
    let pulled = line.pull().args(["-j1", "--progress", "json"]).run();
    assert_data_eq!(
        events(&pulled.stderr, &line.proxy.address(), "m.gguf"),
        str![[r#"
{"blobs":3,"bytes":5242890,"event":"begin"}
{"event":"started","path":"m.gguf","size":5242880}
{"doing":"fetching `m.gguf`","event":"retry","host":"HOST","mirror":false,"path":"m.gguf","seconds":"[TIME]","why":"error reading a body from connection: end of file before message length reached"}
{"doing":"fetching `m.gguf`","event":"retry","host":"HOST","mirror":false,"path":"m.gguf","seconds":"[TIME]","why":"status 503"}
{"bytes":3000000,"doing":"fetching `m.gguf`","event":"resumed","host":"HOST","path":"m.gguf"}
{"digest":"sha256:f3de60d02a4d92e6f837116bc9e7fbce47318d2e0661c11b4362d71edc260439","event":"hashed","path":"m.gguf","size":5242880}
{"event":"stored","outcome":"written","output":"out","path":"m.gguf","size":5242880}
{"event":"publishing"}
{"digest":"sha256:88ef2565ff57ebb4ea01050a1499080a4cc4464aa0c294f5ee8e13addc3bd86c","event":"done","seconds":"[TIME]","upToDate":false}

"#]]
    );
    // What is there is not moved.
    let again = line.pull().args(["-j1", "--progress", "json"]).run();
    assert_data_eq!(
        events(&again.stderr, &line.proxy.address(), "m.gguf"),
        str![[r#"
{"blobs":3,"bytes":5242890,"event":"begin"}
{"event":"stored","outcome":"present","output":"out","path":"m.gguf","size":5242880}
{"event":"publishing"}
{"digest":"sha256:88ef2565ff57ebb4ea01050a1499080a4cc4464aa0c294f5ee8e13addc3bd86c","event":"done","seconds":"[TIME]","upToDate":true}

"#]]
    );
}

/// What an earlier pull has left is there at once, and came at no rate.
#[test]
fn what_is_there_counts_for_no_rate() {
    let line = Line::new();
    line.spoil(&["cut-down=4500000", "status=404"]);
    line.pull().args(["-q"]).status(5).run();
    line.spoil(&["always rate-down=400000"]);
    let pulled = line.pull().args(["-j1", "--progress", "json"]).run();
    let events = pulled.stderr.lines().map(|line| serde_json::from_str(line).unwrap());
    let events: Vec<serde_json::Value> = events
        .filter(|event: &serde_json::Value| event["event"] == "progress")
        // One may be due before the layer is begun.
        .skip_while(|event| event["done"] == 0)
        .collect();
    assert!(!events.is_empty(), "{}", pulled.stderr);
    let mut told = 0;
    for event in events {
        let layers = event["layers"].as_array().unwrap();
        for layer in layers.iter().filter(|layer| layer["path"] == "m.gguf") {
            assert_eq!(layer["size"], super::WEIGHTS);
            assert!(layer["done"].as_u64() >= Some(4_500_000), "{event}");
            told += 1;
        }
        assert!(event["done"].as_u64() >= Some(4_500_000), "{event}");
        assert!(event["rate"].as_u64() < Some(1_500_000), "{event}");
    }
    assert_ne!(told, 0, "{}", pulled.stderr);
}
