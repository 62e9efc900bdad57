//! The end of the way: a model that was built, pushed and pulled is run, and answers as it did before.

use std::path::{Path, PathBuf};

use crate::examples::fetched;
use crate::harness::{Test, snapshot};
use crate::oracle::oracle;
use crate::registry::Registry;

/// What the detector of the example says of a made-up sound, all of its digits.
const SAY: &str = "\
import numpy, detect
time = numpy.arange(detect.RATE) / detect.RATE
sound = numpy.sin(2 * numpy.pi * (120 + 400 * time) * time) * (numpy.sin(30 * time) > 0)
print(*(number.hex() for number in detect.probabilities(sound.astype(numpy.float32))), sep='\\n')
";

#[test]
fn a_model_that_went_through_a_registry_runs_and_answers_the_same() {
    let (Some(example), Some(registry), Some(python)) = (
        fetched("silero-vad-onnx", "silero_vad.onnx"),
        Registry::start(),
        oracle("python3"),
    ) else {
        return;
    };
    let name = format!("{}/vad:v1", registry.address());
    let built = Test::new()
        .args([
            "build".as_ref(),
            example.as_os_str(),
            "--tag".as_ref(),
            name.as_ref(),
            "--push".as_ref(),
        ])
        .run();
    let pulled = built.then().args(["pull", &name, "--extract", "model"]).run();
    let model = pulled.dir().join("model");

    let answers = |model: &Path| {
        let model: PathBuf = model.to_owned();
        // `-B`: nothing is written beside the model.
        String::from_utf8(python.approve(&model, ["-B", "-c", SAY])).unwrap()
    };
    let expected = answers(&example);
    // 32 ms each.
    assert_eq!(expected.lines().count(), 32, "{expected}");
    assert_eq!(answers(&model), expected);
    let again = pulled.then().args(["pull", &name, "--extract", "model"]).run();
    assert_eq!(snapshot(&again.dir().join("model")), snapshot(&model));
}
