use super::super::size::human;
use crate::modelfile::escape;
use crate::registry::Notice;

/// What people are told of something that happened at a registry.
pub fn text(notice: &Notice) -> String {
    escape(&match notice {
        Notice::Retry {
            host,
            doing,
            why,
            after,
            is_mirror,
        } => {
            let what = if *is_mirror { "mirror " } else { "" };
            format!("{what}{host}: {doing}: {why}; again in {:.1} s", after.as_secs_f64())
        }
        Notice::GivenUp { host, doing, why } => format!("mirror {host}: {doing}: {why}; it is not asked again"),
        Notice::Resumed { host, doing, at } => format!("{host}: {doing}: goes on at {}", human(*at)),
        Notice::Restarted { host, doing, lost } => {
            let why = match lost {
                None => "does not say what it has of what an earlier run sent".to_owned(),
                Some(0) => "has nothing of what an earlier run began to send".to_owned(),
                Some(lost) => format!("has lost {}", human(*lost)),
            };
            format!("{host}: {doing}: begins anew, for the registry {why}")
        }
        Notice::SinglePut { host, doing, why } => {
            format!(
                "{host}: {doing}: {why}; it takes no chunks, and each layer goes in one request from now on, as at once with `single-put = true` (docs/registries.md)"
            )
        }
        Notice::Unmounted { host, from, why } => {
            format!("{host}: nothing is mounted from `{from}`: {why}")
        }
    })
}
