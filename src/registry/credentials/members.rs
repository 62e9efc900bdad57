//! Objects of JSON in which everything stays as it stands, in its order, but what is changed.

use std::fmt;
use std::io;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::value::RawValue;

/// The members of an object, each with its text.
#[derive(Debug, Default)]
pub struct Members(pub Vec<(String, Member)>);

/// The value of a member.
#[derive(Debug)]
pub enum Member {
    /// As it stands.
    Text(Box<RawValue>),
    /// An object that can be changed.
    Object(Members),
    /// A new text.
    String(String),
}

impl Members {
    /// The object called `name`, to be changed; made where there is none.
    pub fn object(&mut self, name: &str) -> serde_json::Result<&mut Self> {
        if !self.0.iter().any(|(key, _)| key == name) {
            self.0.push((name.to_owned(), Member::Object(Self::default())));
        }
        let members = self.0.iter_mut().filter(|(key, _)| key == name);
        for (_, member) in members {
            if let Member::Text(text) = member {
                let object: Option<Self> = serde_json::from_str(text.get())?;
                *member = Member::Object(object.unwrap_or_default());
            }
            if let Member::Object(object) = member {
                return Ok(object);
            }
        }
        Err(serde::de::Error::custom("no object"))
    }

    /// The text with line ends, tabs and order as docker and podman write it.
    pub fn text(&self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(b"\t");
        self.serialize(&mut serde_json::Serializer::with_formatter(&mut text, formatter))?;
        text.push(b'\n');
        Ok(text)
    }
}

impl Serialize for Members {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, member) in &self.0 {
            map.serialize_entry(name, member)?;
        }
        map.end()
    }
}

impl Serialize for Member {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => text.serialize(serializer),
            Self::Object(members) => members.serialize(serializer),
            Self::String(text) => text.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((name, text)) = map.next_entry()? {
                    members.push((name, Member::Text(text)));
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}
