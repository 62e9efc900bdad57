//! Registries that do not know that they are behind somebody else's TLS.

use reqwest::Url;

use super::endpoint::Host;

impl Host {
    /// `url`, to which the registry leads. It may name itself by http, where something before it speaks TLS: its own host
    /// is spoken to as before.
    pub fn as_before(&self, mut url: Url) -> Url {
        let is_itself = (url.host(), url.port()) == (self.base.host(), self.base.port());
        if self.base.scheme() == "https" && url.scheme() == "http" && is_itself {
            // From one scheme of the web to the other it cannot fail.
            let _ = url.set_scheme("https");
        }
        url
    }
}
