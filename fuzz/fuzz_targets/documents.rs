//! A manifest and its config, as anybody may have written them: two documents with a zero byte between them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelbuild::artifact::{self, Document, Original, read};
use modelbuild::model::{ModelArtifact, Overview, Role};

fuzz_target!(|bytes: &[u8]| {
    let mut documents = bytes.splitn(2, |byte| *byte == 0);
    let (manifest, config) = (
        documents.next().unwrap_or_default(),
        documents.next().unwrap_or_default(),
    );
    let outline = read::outline(manifest);
    if let Ok(stored) = read::read(manifest, config) {
        let overview = Overview::new(&stored);
        assert_eq!(overview.layers.len(), stored.layers.len());
        assert!(outline.is_ok_and(|outline| read::model_config(&outline, config).is_ok()));
        for layer in &stored.layers {
            let _ = Role::of(layer, stored.metadata.format.as_deref());
        }
        // What an annotation says that the artifact was before it was converted.
        let layers: Vec<_> = stored.layers.iter().map(|layer| layer.descriptor.clone()).collect();
        let original = Original::read(&stored.annotations);
        let config = Document::new(&stored.config.media_type, config.to_vec(), artifact::Role::Config);
        let restored = original.and_then(|it| it.restore(Some(&config), &layers, &stored.annotations));
        if let Some(restored) = restored {
            assert_eq!(restored.layers.len(), layers.len());
        }
    }
    // Only a config with the digest that the manifest states is one.
    if let Ok(model) = ModelArtifact::new(manifest.to_vec(), config.to_vec()) {
        assert_eq!(model.raw_manifest(), manifest);
        let _ = (model.gguf(), model.descriptor());
    }
});
