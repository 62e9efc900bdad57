//! Programs that keep credentials for docker: `docker-credential-NAME get|store|erase`
//! (docker/docker-credential-helpers, "Development").

use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::{CredentialsError, Login};

/// How long a program may take: people may have to find and type the passphrase of their key.
const PATIENCE: Duration = Duration::from_mins(2);

/// More than any token.
const LONGEST_ANSWER: u64 = 1 << 20;

/// How the programs say that they know nobody (docker/docker-credential-helpers, `credentials.ErrCredentialsNotFound`).
const NOT_FOUND: &str = "credentials not found in native keychain";

/// A program, and the file that names it.
#[derive(Debug)]
pub struct Program {
    pub name: String,
    path: PathBuf,
    patience: Duration,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Got {
    username: String,
    secret: String,
}

struct Answer {
    status: ExitStatus,
    text: Vec<u8>,
}

impl Program {
    /// The program that the file at `path` calls `name`.
    pub fn new(name: &str, path: &Path) -> Result<Self, CredentialsError> {
        let program = Self {
            name: format!("docker-credential-{name}"),
            path: path.to_owned(),
            patience: PATIENCE,
        };
        if name.contains('/') {
            return Err(program.failure("is a path, not a name to be looked up in `PATH`".to_owned()));
        }
        Ok(program)
    }

    /// Who it says one is at `server`.
    pub fn get(&self, server: &str) -> Result<Option<Login>, CredentialsError> {
        let answer = self.run("get", server)?;
        if !answer.status.success() {
            if String::from_utf8_lossy(&answer.text).trim() == NOT_FOUND {
                return Ok(None);
            }
            return Err(self.refused("get", server, &answer, ""));
        }
        // Without the parser's words, which quote values.
        let got: Got = serde_json::from_slice(&answer.text)
            .map_err(|_| self.failure(format!("gave no answer for `{server}` that can be understood")))?;
        Ok(Login::of_pair(&got.username, &got.secret))
    }

    /// Has it keep who one is at `server`.
    pub fn store(&self, server: &str, username: &str, secret: &str) -> Result<(), CredentialsError> {
        let input = json!({"ServerURL": server, "Username": username, "Secret": secret}).to_string();
        let answer = self.run("store", &input)?;
        if answer.status.success() {
            return Ok(());
        }
        Err(self.refused("store", server, &answer, secret))
    }

    /// Has it forget who one is at `server`.
    pub fn erase(&self, server: &str) -> Result<(), CredentialsError> {
        let answer = self.run("erase", server)?;
        if answer.status.success() {
            return Ok(());
        }
        Err(self.refused("erase", server, &answer, ""))
    }

    fn run(&self, action: &str, input: &str) -> Result<Answer, CredentialsError> {
        let mut child = Command::new(&self.name)
            .arg(action)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What it says there is for nobody's eyes but its author's, and may be anything.
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => self.failure("is not installed".to_owned()),
                _ => self.failure(format!("cannot be run: {error}")),
            })?;
        let answer = self.talk(&mut child, input);
        if answer.is_err() {
            // Both can only fail if it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
        answer
    }

    fn talk(&self, child: &mut Child, input: &str) -> Result<Answer, CredentialsError> {
        let begin = Instant::now();
        let late = || self.failure(format!("did not answer within {} s", self.patience.as_secs_f32()));
        if let Some(mut stdin) = child.stdin.take() {
            let input = input.to_owned();
            // From a thread, for a program that does not read would stop us. One that does not want to know is free to.
            thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        }
        let text = child.stdout.take().map(read);
        let text = text.map_or_else(|| Ok(Ok(Vec::new())), |text| text.recv_timeout(self.patience));
        let text = text.map_err(|_| late())?;
        let text = text.map_err(|error| self.failure(format!("cannot be read from: {error}")))?;
        if text.len() as u64 > LONGEST_ANSWER {
            return Err(self.failure(format!("answered with more than {LONGEST_ANSWER} bytes")));
        }
        // It has closed its output, so that it is about to end; unless it does not.
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return Ok(Answer { status, text }),
                Ok(None) if begin.elapsed() > self.patience => return Err(late()),
                Ok(None) => thread::sleep(Duration::from_millis(2)),
                Err(error) => return Err(self.failure(format!("cannot be waited for: {error}"))),
            }
        }
    }

    /// It said no; the protocol has the reason on standard output. What could be a secret is not repeated.
    fn refused(&self, action: &str, server: &str, answer: &Answer, secret: &str) -> CredentialsError {
        let text = String::from_utf8_lossy(&answer.text);
        let line = text.trim().lines().next().unwrap_or_default();
        let speaks = !line.is_empty() && !line.contains('{') && (secret.is_empty() || !line.contains(secret));
        let reason = if speaks {
            line.to_owned()
        } else {
            answer.status.to_string()
        };
        self.failure(format!("failed to {action} the credentials for `{server}`: {reason}"))
    }

    fn failure(&self, why: String) -> CredentialsError {
        CredentialsError::Program {
            program: self.name.clone(),
            path: self.path.clone(),
            why,
        }
    }
}

/// All of `output`, as soon as it ends, or one byte more than an answer may have.
fn read(output: impl Read + Send + 'static) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut text = Vec::new();
        let read = output.take(LONGEST_ANSWER + 1).read_to_end(&mut text);
        // Nobody waits any more where it took too long.
        let _ = sender.send(read.map(|_| text));
    });
    receiver
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;
    use std::time::Duration;

    use tempfile::TempDir;

    use super::{PATIENCE, Program};
    use crate::registry::credentials::{Login, Secret};

    /// What a program says that runs `script`.
    fn got(script: &str, patience: Duration) -> Result<Option<Login>, String> {
        let root = TempDir::with_prefix("modelbuild-program-").unwrap();
        let (draft, path) = (root.path().join("draft"), root.path().join("program"));
        fs_err::write(&draft, format!("#!/bin/sh\n{script}")).unwrap();
        fs_err::set_permissions(&draft, PermissionsExt::from_mode(0o755)).unwrap();
        // By another process: what this one has open for writing, a fork of another test's may hold open, and such a
        // file cannot be run (ETXTBSY).
        assert!(Command::new("cp").arg(&draft).arg(&path).status().unwrap().success());
        let program = Program {
            name: path.to_str().unwrap().to_owned(),
            path: "config.json".into(),
            patience,
        };
        let got = program.get("ghcr.io");
        got.map_err(|error| error.to_string().replace(&program.name, "PROGRAM"))
    }

    #[test]
    fn a_program_is_asked_for_the_server_by_standard_input() {
        let login = got(
            r#"read -r server || true; echo "{\"ServerURL\":\"$server\",\"Username\":\"$1 $server\",\"Secret\":\"hunter2\"}""#,
            PATIENCE,
        );
        let expected = Login::Basic {
            username: "get ghcr.io".to_owned(),
            password: Secret::new("hunter2".to_owned()),
        };
        assert_eq!(login, Ok(Some(expected)));
    }

    #[test]
    fn a_token_is_told_by_its_user_name() {
        let login = got(
            r#"echo '{"ServerURL":"","Username":"<token>","Secret":"hunter2"}'"#,
            PATIENCE,
        );
        assert_eq!(login, Ok(Some(Login::IdentityToken(Secret::new("hunter2".to_owned())))));
    }

    #[test]
    fn nobody_is_known_only_where_a_program_says_so_in_the_agreed_words() {
        let none = "echo 'credentials not found in native keychain'; exit 1";
        assert_eq!(got(none, PATIENCE), Ok(None));
        assert_eq!(got(r#"echo '{"Username":"","Secret":""}'"#, PATIENCE), Ok(None));
        for (script, expected) in [
            (
                "echo 'the keychain is locked'; exit 1",
                "`PROGRAM` failed to get the credentials for `ghcr.io`: the keychain is locked",
            ),
            (
                "exit 3",
                "`PROGRAM` failed to get the credentials for `ghcr.io`: exit status: 3",
            ),
            (
                "echo '{\"Secret\":\"hunter2\"}'; exit 1",
                "`PROGRAM` failed to get the credentials for `ghcr.io`: exit status: 1",
            ),
            (
                "echo '{\"Username\":[\"hunter2\"]}'",
                "`PROGRAM` gave no answer for `ghcr.io` that can be understood",
            ),
            ("exec cat /dev/zero", "`PROGRAM` answered with more than 1048576 bytes"),
        ] {
            assert_eq!(got(script, PATIENCE).unwrap_err(), expected);
        }
    }

    #[test]
    fn a_program_that_never_answers_is_given_up() {
        let error = got("exec sleep 60", Duration::from_millis(100));
        assert_eq!(error.unwrap_err(), "`PROGRAM` did not answer within 0.1 s");
    }
}
