//! How much each layer is of the whole.

use snapbox::str;

use crate::harness::Test;

#[test]
fn shares_are_rounded() {
    let test = Test::new().file("m/Modelfile", "NAME x\nFORMAT gguf\nMODEL *.gguf\nDOC README\n");
    let test = test
        .file("m/a.gguf", "12345")
        .file("m/b.gguf", "1234")
        .file("m/README", "");
    let built = test.args(["build", "m", "-q", "-o", "out"]).run();
    built
        .then()
        .args(["inspect", "out"])
        .stdout(str![[r#"
name          x
format        gguf
size          9 B in 3 layers
spec          modelpack
digest        sha256:897bc93b8f5d7c7192b10ae815be25e1020e444c2410822a21014549c4c4a463
caution       No licence

KIND          SIZE   SHARE  MEDIA TYPE                       PATH
weight         5 B    56 %  cncf.model.weight.v1.raw         a.gguf
weight         4 B    44 %  cncf.model.weight.v1.raw         b.gguf
doc            0 B     0 %  cncf.model.doc.v1.raw            README

"#]])
        .run();
}
