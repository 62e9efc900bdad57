//! How often a file is opened and read, as strace sees it.

mod pushed;

use std::collections::BTreeMap;
use std::path::Path;

use crate::harness::Test;
use crate::oracle::{denied, oracle};

/// The calls that can open or read a file; of those that are only looked at here so that none goes unseen, a use fails.
const CALLS: &str =
    "trace=open,openat,read,readv,pread64,preadv,preadv2,copy_file_range,sendfile,splice,mmap,lseek,io_uring_setup";

/// Where a file may be read again: its bytes are in the page cache still. Outputs are copied a window of 8 MiB at a time.
const WINDOW: u64 = 16 << 20;

/// What was done with one file.
#[derive(Debug, Default)]
struct Reads {
    opened: u32,
    /// Times that reading began anew, at bytes that it had left a window behind.
    passes: u32,
    /// The bytes that went to each place: another file, or memory, which is `""`.
    bytes: BTreeMap<String, u64>,
    /// The end of what was read, in this pass.
    end: u64,
    /// Where the descriptor that was opened last stands.
    position: u64,
}

impl Reads {
    fn open(&mut self) {
        self.opened += 1;
        self.position = 0;
    }

    fn read(&mut self, to: &str, offset: u64, length: u64) {
        if self.passes == 0 || offset + WINDOW < self.end {
            self.passes += 1;
            self.end = 0;
        }
        self.end = self.end.max(offset + length);
        *self.bytes.entry(to.to_owned()).or_default() += length;
    }

    /// Takes note of a call in which the file is the first descriptor, `7</m/a>, "", 32) = 32` and the like.
    fn call(&mut self, name: &str, args: &str, result: u64) {
        let args: Vec<_> = args.split(", ").collect();
        let number = |text: &str| text.trim_matches(['[', ']']).parse().unwrap();
        match name {
            "read" => {
                self.read("", self.position, result);
                self.position += result;
            }
            "pread64" => self.read("", number(args[3]), result),
            "copy_file_range" => self.read(args[2], number(args[1]), result),
            _ => panic!("the test does not know what `{name}` reads: {args:?}"),
        }
    }
}

/// Runs the build and counts, for each of its files, by name. `None` where strace cannot be had.
fn trace(test: &Test) -> Option<BTreeMap<String, Reads>> {
    let strace = oracle("strace")?;
    let command = test.command();
    // Not those of an earlier run.
    let directory = test.dir().join("traces");
    drop(fs_err::remove_dir_all(&directory));
    fs_err::create_dir(&directory).unwrap();
    // A file for each thread, so that no call is torn apart by another's; times, to put them in order.
    let mut traced = strace.command();
    traced.args(["-ff", "-ttt", "-y", "-s0", "-e", CALLS, "-o"]);
    traced
        .arg(directory.join("trace"))
        .arg(command.get_program())
        .args(command.get_args());
    let output = traced.current_dir(test.dir()).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("PTRACE_TRACEME") {
        denied("strace refused by this machine");
        return None;
    }
    assert!(output.status.success(), "{stderr}");

    let mut lines = vec![];
    for entry in fs_err::read_dir(directory).unwrap() {
        let calls = fs_err::read_to_string(entry.unwrap().path()).unwrap();
        lines.extend(calls.lines().map(str::to_owned));
    }
    // `1795512526.052944 read(8</dir/m/a.gguf>, ""..., 32) = 32`
    lines.sort();
    let mut all = BTreeMap::<String, Reads>::new();
    for line in &lines {
        let call = line.split_once(' ').unwrap().1;
        let Some((call, result)) = call.rsplit_once(") = ") else {
            continue;
        };
        let (name, args) = call.split_once('(').unwrap();
        let opens = name.starts_with("open");
        let descriptor = if opens { result } else { args };
        if let Some(file) = model_file(&test.dir(), descriptor) {
            let reads = all.entry(file).or_default();
            if opens {
                reads.open();
            } else {
                reads.call(name, args, result.split(' ').next().unwrap().parse().unwrap());
            }
        }
    }
    Some(all)
}

/// The name of the model's file in `7</dir/m/a.gguf>…`, if it is one and no directory.
fn model_file(dir: &Path, descriptor: &str) -> Option<String> {
    let (_, path) = descriptor.split_once('<')?;
    let (path, _) = path.split_once('>')?;
    let name = Path::new(path).strip_prefix(dir.join("m")).ok()?.to_str()?;
    (name.contains('.')).then(|| name.to_owned())
}

/// A file of many windows, one that fills one, and small ones.
const FILES: [(&str, u64); 4] = [
    ("a.gguf", 40 << 20),
    ("b.gguf", (8 << 20) + 1),
    ("c.gguf", 100_000),
    ("code/d.py", 1000),
];

fn model(args: &[&str]) -> Test {
    let mut test = Test::new().file("m/Modelfile", "NAME m\nMODEL *.gguf\nCODE code\n");
    for (index, (name, size)) in FILES.iter().enumerate() {
        test = test.file(
            format!("m/{name}"),
            vec![u8::try_from(index).unwrap(); usize::try_from(*size).unwrap()],
        );
    }
    test.args(["m", "-q", "--no-sync"]).args(args)
}

/// Each file is opened `passes` times, and each time all of it goes by once, whatever is made of it.
fn assert_passes(args: &[&str], passes: u32) {
    let Some(all) = trace(&model(args)) else { return };
    assert_eq!(all.keys().filter(|name| *name != "Modelfile").count(), FILES.len());
    for (name, size) in FILES {
        let reads = &all[name];
        assert_eq!(reads.opened, passes, "{name} {args:?}: {reads:?}");
        if size > WINDOW {
            assert_eq!(reads.passes, passes, "{name} {args:?}: {reads:?}");
        }
        for (to, bytes) in &reads.bytes {
            let most = u64::from(passes) * size;
            assert!(
                *bytes == size || *bytes == most,
                "{bytes} of {size} to {to:?}, {name} {args:?}"
            );
        }
    }
}

/// Each of [`FILES`] is opened so many times, and each time all of it goes by once.
fn assert_read(test: &Test, times: [u32; 4]) {
    let Some(all) = trace(test) else { return };
    let opened = FILES.map(|(name, _)| all[name].opened);
    assert_eq!((opened, all["a.gguf"].passes), (times, times[0]), "{all:?}");
}

#[test]
fn a_new_layout_and_a_new_tarball_read_each_file_once() {
    assert_passes(&["-o", "out", "-o", "out.tar"], 1);
}

#[test]
fn each_output_alone_reads_each_file_once() {
    assert_passes(&["-n"], 1);
    assert_passes(&["-o", "out"], 1);
    assert_passes(&["-o", "out.tar"], 1);
    assert_passes(&["--tar", "-o", "out", "-o", "out.tar"], 1);
}

/// A blob's digest stands before the blob.
#[test]
fn standard_output_reads_each_file_twice() {
    assert_passes(&["-o", "-"], 2);
}

/// Only its digest tells whether it is the one that is there.
#[test]
fn a_blob_of_its_size_in_a_layout_makes_it_two_readings() {
    let test = model(&["-o", "first"])
        .file("other/Modelfile", "NAME other\nMODEL other.gguf\n")
        .file("other/other.gguf", vec![9; 40 << 20]);
    let other = ["other", "-q", "--no-sync", "-o", "out"];
    let built = test.run().then().args(other).run();
    let test = built.then().args(["m", "-q", "--no-sync", "-o", "out"]);
    assert_read(&test, [2, 1, 1, 1]);
}
