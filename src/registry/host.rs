//! What names a registry.

/// Docker Hub under each of its names, the one in references first.
pub const HUB: [&str; 3] = ["docker.io", "index.docker.io", "registry-1.docker.io"];

/// Whether `text` names a registry as references do: `HOST` or `HOST:PORT`, without a scheme or a path.
#[must_use]
pub fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            let is_address = address.parse::<std::net::Ipv6Addr>().is_ok();
            (
                if is_address { "v6" } else { "" },
                rest.strip_prefix(':').or((!rest.is_empty()).then_some("")),
            )
        }
        None => text
            .split_once(':')
            .map_or((text, None), |(name, port)| (name, Some(port))),
    };
    let in_label = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let is_name = name
        .split('.')
        .all(|label| !label.is_empty() && label.bytes().all(in_label));
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    is_name && port.is_none_or(is_port)
}

/// The one name of a host that has several; names of hosts have no case.
#[must_use]
pub fn canonical(host: &str) -> String {
    let host = host.to_ascii_lowercase();
    match HUB {
        [hub, ..] if HUB.contains(&host.as_str()) => hub.to_owned(),
        _ => host,
    }
}

#[cfg(test)]
mod tests {
    use super::is_host;

    #[test]
    fn a_host_has_no_scheme_and_no_path() {
        for host in [
            "ghcr.io",
            "localhost",
            "localhost:5000",
            "127.0.0.1:1",
            "[::1]",
            "[::1]:5000",
            "a_b-c.example",
        ] {
            assert!(is_host(host), "{host}");
        }
        for text in [
            "",
            "https://ghcr.io",
            "ghcr.io/",
            "ghcr.io/a",
            "a b",
            "a:",
            "a:0",
            "a:65536",
            "a:+1",
            "a:b",
            "[::1",
            "[a]",
            "[::1]5000",
            "::1",
            "user@host",
            ".a",
            "a..b",
            "é.example",
        ] {
            assert!(!is_host(text), "{text}");
        }
    }
}
