use std::fmt;
use std::sync::Arc;

use super::proxy::Proxy;

/// What messages call a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Called {
    /// A layer, by its name.
    Layer(String),
    /// Anything else, in words.
    Other(String),
}

impl Called {
    /// The name of the layer, where it is one.
    #[must_use]
    pub fn layer(&self) -> Option<&str> {
        match self {
            Self::Layer(name) => Some(name),
            Self::Other(_) => None,
        }
    }
}

impl fmt::Display for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layer(name) => write!(f, "`{name}`"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

/// What is done at a registry: in words, such as `sending weights/model.gguf`, and for which layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doing(Arc<Parts>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Parts {
    what: String,
    layer: Option<String>,
    elsewhere: Option<Elsewhere>,
    proxy: Option<Proxy>,
}

/// How it comes that a registry's work is done at another host.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Elsewhere {
    /// This one has sent us to whoever is spoken of.
    By(String),
    /// Whoever is spoken of has sent us to this one.
    To(String),
}

impl Doing {
    /// `what` in words, for no layer.
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(Arc::new(Parts {
            what: what.into(),
            layer: None,
            elsewhere: None,
            proxy: None,
        }))
    }

    /// The same for the blob `called`, which may be a layer.
    pub(super) fn about(self, called: &Called) -> Self {
        self.with(|parts| parts.layer = called.layer().map(str::to_owned))
    }

    /// The same where `registry` has sent us to whoever is spoken of.
    pub(super) fn sent_by(&self, registry: &str) -> Self {
        let elsewhere = Elsewhere::By(registry.to_owned());
        self.clone().with(|parts| parts.elsewhere = Some(elsewhere))
    }

    /// The same where whoever is spoken of has sent us to `host`.
    pub(super) fn sent_to(&self, host: &str) -> Self {
        let elsewhere = Elsewhere::To(host.to_owned());
        self.clone().with(|parts| parts.elsewhere = Some(elsewhere))
    }

    /// The same by a proxy that may be to blame.
    pub(super) fn by(self, proxy: Proxy) -> Self {
        self.with(|parts| parts.proxy = Some(proxy))
    }

    /// Whether a registry has sent us to whoever is spoken of.
    pub(super) fn is_sent(&self) -> bool {
        matches!(self.0.elsewhere, Some(Elsewhere::By(_)))
    }

    /// The layer that it is done for, where it is for one.
    #[must_use]
    pub fn layer(&self) -> Option<&str> {
        self.0.layer.as_deref()
    }

    fn with(mut self, change: impl FnOnce(&mut Parts)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl fmt::Display for Doing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts {
            what, elsewhere, proxy, ..
        } = &*self.0;
        f.write_str(what)?;
        match elsewhere {
            Some(Elsewhere::By(registry)) => write!(f, ", for which {registry} sends us there")?,
            Some(Elsewhere::To(host)) => write!(f, ", for which it sends us to {host}")?,
            None => {}
        }
        match proxy {
            Some(Proxy { address, variable }) => write!(f, ", by the proxy {address}, which `{variable}` names"),
            None => Ok(()),
        }
    }
}
