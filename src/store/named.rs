use oci_spec::distribution::{ParseError, Reference};

/// `[HOST/]REPOSITORY[:TAG|@DIGEST]`, completed as docker completes it. No repository has capitals, so that a first part
/// with some is a host, as for docker (`splitDockerDomain` of distribution's package `reference`); the crate would have
/// it in a repository of Docker Hub.
pub fn named(text: &str) -> Result<Reference, ParseError> {
    let reference = Reference::try_from(text)?;
    let Some((host, repository)) = reference.repository().split_once('/') else {
        return Ok(reference);
    };
    if !host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Ok(reference);
    }
    let (host, repository) = (host.to_owned(), repository.to_owned());
    Ok(match (reference.tag(), reference.digest()) {
        (Some(tag), Some(digest)) => {
            Reference::with_tag_and_digest(host, repository, tag.to_owned(), digest.to_owned())
        }
        (None, Some(digest)) => Reference::with_digest(host, repository, digest.to_owned()),
        (tag, None) => Reference::with_tag(host, repository, tag.unwrap_or("latest").to_owned()),
    })
}
