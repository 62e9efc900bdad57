//! Whose word it takes to send something to a place that a project names.

use super::{Origin, Owner, Setting};
use crate::cli::exit::{Failure, INVALID};

/// Leaves out a push to what the project's file names, if nobody asked for it for this build: what the user's own file
/// says holds for every checkout, whoever wrote it. The command at `path` is only warned about it where it sends nothing.
pub fn given(
    said: Vec<Setting>,
    path: &[&str],
    warnings: &mut Vec<(String, String)>,
    wrong: &mut Vec<Failure>,
) -> Vec<Setting> {
    let is_projects = |setting: &&Setting| {
        let is_of_file = matches!(
            setting.origin,
            Origin::File {
                owner: Owner::Project,
                ..
            }
        );
        setting.key == "tag" && setting.is_on() && is_of_file
    };
    let is_standing =
        |setting: &Setting| setting.key == "push" && setting.is_on() && matches!(setting.origin, Origin::File { .. });
    let (Some(named), Some(push)) = (
        said.iter().find(is_projects),
        said.iter().find(|setting| is_standing(setting)),
    ) else {
        return said;
    };
    let message = format!(
        "{}: `push` in your own file does not hold for what a project names ({})",
        push.origin, named.origin
    );
    let help = "give `--push` for this build, name the artifact yourself with `-t`, or give `--no-push`".to_owned();
    let is_dry = said.iter().any(|setting| setting.key == "dry-run" && setting.is_on());
    if is_dry || matches!(path.first(), Some(&("config" | "plan"))) {
        warnings.push((message, help));
        return said;
    }
    wrong.push(Failure::Message {
        code: INVALID,
        message,
        help: Some(help),
    });
    said.into_iter().filter(|setting| !is_standing(setting)).collect()
}
