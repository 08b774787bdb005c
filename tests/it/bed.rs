//! The test bed: a folder of its own, and the program to run in it.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use fs_err as fs;
use serde_json::Value;
use tempfile::TempDir;

/// A temporary folder with a data folder, inputs, and the program.
pub(crate) struct TestBed {
    folder: TempDir,
}

/// How a call of the program ended.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl TestBed {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder can be made") }
    }

    /// A path in the bed's folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The data folder, which `run` makes.
    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Writes a file and returns its name, which is relative to the folder the
    /// program runs in.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.path(name), content).unwrap();
        name.to_owned()
    }

    /// Writes objects as JSON lines.
    pub(crate) fn write_jsonl(&self, name: &str, items: &[Value]) -> String {
        self.write(name, jsonl(items))
    }

    /// The program, ready to start in the bed's folder. It knows no variables
    /// but those a test sets, and `data` is the data folder.
    pub(crate) fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_echolot-under-test"));
        command
            .args(args)
            .current_dir(self.folder.path())
            .env_clear()
            .env("ECHOLOT_DATA", "data")
            // What is similar is a matter of the model, and this is the fake one's.
            .env("ECHOLOT_SEARCH_MIN_SIMILARITY", "0.6")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs the program to its end.
    pub(crate) fn echolot(&self, args: &[&str]) -> Answer {
        self.command(args).output().unwrap().into()
    }

    /// Runs the program with variables set.
    pub(crate) fn echolot_with(&self, variables: &[(&str, &str)], args: &[&str]) -> Answer {
        self.command(args).envs(variables.iter().copied()).output().unwrap().into()
    }

    /// Runs the program with something on its standard input.
    pub(crate) fn echolot_reading(&self, input: &[u8], args: &[&str]) -> Answer {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().expect("the input is piped");
        std::thread::scope(|scope| {
            // The program may stop reading early; that is for the test to judge.
            scope.spawn(move || stdin.write_all(input).ok());
            child.wait_with_output().unwrap().into()
        })
    }

    /// Starts the program and lets it be.
    pub(crate) fn start(&self, variables: &[(&str, &str)], args: &[&str]) -> Child {
        self.command(args).envs(variables.iter().copied()).spawn().unwrap()
    }

    /// Takes files in; the run must succeed.
    pub(crate) fn run(&self, inputs: &[&str]) -> Value {
        let answer = self.echolot(&[&["run", "--json", "--input"], inputs].concat());
        assert_eq!(answer.exit, 0, "{answer:?}");
        answer.json()
    }

    /// Asks for JSON; the answer must come.
    pub(crate) fn ask(&self, args: &[&str]) -> Value {
        let answer = self.echolot(&[args, &["--json"]].concat());
        assert_eq!(answer.exit, 0, "{answer:?}");
        answer.json()
    }

    /// Exports as JSON lines.
    pub(crate) fn export(&self, what: &str) -> Vec<Value> {
        lines(&self.export_text(what))
    }

    /// An export as it is printed.
    pub(crate) fn export_text(&self, what: &str) -> String {
        let answer = self.echolot(&["export", "--what", what]);
        assert_eq!(answer.exit, 0, "{answer:?}");
        answer.out
    }

    /// All files below the data folder.
    pub(crate) fn stored_files(&self) -> Vec<PathBuf> {
        files_below(self.data())
    }

    /// The files of runs that are not done, or were not.
    pub(crate) fn staged_files(&self) -> Vec<PathBuf> {
        files_below(self.data().join("staging"))
    }
}

impl Answer {
    /// Standard output as one JSON document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Standard output as JSON lines.
    pub(crate) fn lines(&self) -> Vec<Value> {
        lines(&self.out)
    }

    /// The call must have failed with this exit code, and say all of this.
    pub(crate) fn fails_with(&self, exit: i32, words: &[&str]) {
        assert_eq!(self.exit, exit, "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "`{word}` is missing in: {}", self.err);
        }
    }

    /// Exit code, output and errors in one text, for snapshots.
    pub(crate) fn shown(&self) -> String {
        let exit = self.exit;
        format!("exit {exit}\n--- out\n{}--- err\n{}", self.out, self.err)
    }
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program prints UTF-8");
        Self {
            exit: output.status.code().unwrap_or(-1),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }
}

/// All files below a folder, in order. A folder that is not there, or is being
/// removed by a run meanwhile, has none.
fn files_below(folder: PathBuf) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

/// Objects as JSON lines.
pub(crate) fn jsonl(items: &[Value]) -> String {
    items.iter().flat_map(|item| [item.to_string(), "\n".to_owned()]).collect()
}

/// JSON lines as objects.
pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

/// The root of the repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are a folder of the repository")
}

/// A file of the corpora.
pub(crate) fn corpus(name: &str) -> String {
    repository().join("corpora").join(name).display().to_string()
}
