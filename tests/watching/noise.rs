//! What makes no build: there would be another line otherwise, before the one that is waited for.

use std::time::{Duration, SystemTime};

use super::{Watching, model};

#[test]
fn what_the_build_writes_itself() {
    for args in [
        &["m"][..],
        &["m", "-o", "m/out.tar", "-o", "m/code/layout", "--iidfile", "m/iid"],
        &[
            "m",
            "-o",
            "m/code/out.tar",
            "--metadata-file",
            "m/meta.json",
            "--depfile",
            "m/code/d",
        ],
        &["m", "-o", "out", "--link", "hard"],
        &["m", "-o", "m/code/out", "--link", "hard", "--cache-dir", "m/code/cache"],
        &["m", "--dry-run"],
    ] {
        let watching = Watching::new(&model(), args);
        watching.line();
        for text in ["1", "22", "333"] {
            watching.write("m/code/a.py", text);
            let line = watching.line();
            assert!(line.ends_with(": `m/code/a.py` changed"), "{args:?}: {line}");
        }
        watching.stop();
    }
}

#[test]
fn files_that_are_not_packed_and_files_that_are_read() {
    let watching = Watching::new(&model(), &["m"]);
    watching.line();
    for text in ["1", "22", "333"] {
        watching.write("m/notes.txt", text);
        watching.write("m/code/.a.py.swp", text);
        fs_err::read(watching.path("m/a.gguf")).unwrap();
        // As reading does where the file system notes it.
        let file = fs_err::File::open(watching.path("m/a.gguf")).unwrap();
        let now = SystemTime::now() + Duration::from_secs(1);
        file.file()
            .set_times(std::fs::FileTimes::new().set_accessed(now))
            .unwrap();
        watching.write("m/code/a.py", text);
        let line = watching.line();
        assert!(line.ends_with(": `m/code/a.py` changed"), "{line}");
    }
    watching.stop();
}

#[test]
fn quiet_is_quiet() {
    let watching = Watching::new(&model(), &["m", "--quiet"]);
    let first = watching.prints();
    watching.write("m/code/a.py", "1");
    let second = watching.prints();
    assert!(first != second && second.starts_with("sha256:"), "{second}");
    watching.stop();
}
