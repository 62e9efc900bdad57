//! The search for members that readers disagree on.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::{self, Write as _};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Ambiguity;
use super::names::{Member, Names};

/// Whether a name of another case alone is wrong, or only one that stands beside what it is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    Exact,
    Any,
}

/// Looks for members that readers disagree on. Bytes that are no JSON have none: whoever reads them says so.
pub fn members(json: &[u8], names: &'static Names, case: Case) -> Result<(), Ambiguity> {
    let mut search = Search {
        case,
        at: Vec::new(),
        found: None,
    };
    let known = Known {
        member: Member::Object(names),
        search: &mut search,
    };
    let read = known.deserialize(&mut serde_json::Deserializer::from_slice(json));
    match search.found {
        Some(found) if read.is_ok() => Err(found),
        _ => Ok(()),
    }
}

struct Search {
    case: Case,
    at: Vec<Step>,
    /// The first that was found.
    found: Option<Ambiguity>,
}

enum Step {
    Member(&'static str),
    Index(usize),
}

impl Search {
    fn at(&self) -> String {
        let mut text = String::new();
        for step in &self.at {
            match step {
                Step::Member(name) if text.is_empty() => text.push_str(name),
                Step::Member(name) => text.extend([".", name]),
                Step::Index(index) => {
                    // Writing to a String cannot fail.
                    let _ = write!(text, "[{index}]");
                }
            }
        }
        text
    }

    /// Goes through an object whose members may have any names.
    fn map<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key_seed(Text)? {
            map.next_value::<IgnoredAny>()?;
            if self.found.is_none() && seen.contains(&name) {
                self.found = Some(Ambiguity::Twice {
                    at: self.at(),
                    name: name.into_owned(),
                });
            } else {
                seen.insert(name);
            }
        }
        Ok(())
    }

    /// Takes note of a member. `earlier` is what the same one was called before.
    fn note(&mut self, name: &Name, earlier: Option<&Name>) {
        if self.found.is_some() {
            return;
        }
        let at = || self.at();
        let meant = name.meant;
        self.found = match (&name.other, earlier) {
            (None, Some(Name { other: None, .. })) => Some(Ambiguity::Twice {
                at: at(),
                name: meant.to_owned(),
            }),
            (Some(name), earlier) if self.case == Case::Exact || earlier.is_some() => Some(Ambiguity::Case {
                at: at(),
                name: name.clone(),
                meant,
            }),
            (None, Some(Name { other: Some(name), .. })) => Some(Ambiguity::Case {
                at: at(),
                name: name.clone(),
                meant,
            }),
            _ => None,
        };
    }
}

/// A value, of which is known what it may hold.
struct Known<'a> {
    member: Member,
    search: &'a mut Search,
}

impl<'de> DeserializeSeed<'de> for Known<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Known<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { member, search } = self;
        let names = match member {
            Member::Object(names) => names,
            Member::Map => return search.map(map),
            Member::List(_) | Member::Plain => return IgnoredAny.visit_map(map).map(drop),
        };
        let mut seen: Vec<Name> = Vec::new();
        while let Some(name) = map.next_key_seed(Key(names))? {
            let Some((name, member)) = name else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let earlier = seen.iter().find(|earlier| earlier.meant == name.meant);
            search.note(&name, earlier);
            search.at.push(Step::Member(name.meant));
            seen.push(name);
            map.next_value_seed(Known {
                member,
                search: &mut *search,
            })?;
            search.at.pop();
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let Self { member, search } = self;
        let names = match member {
            Member::List(names) => names,
            Member::Object(_) => {
                if search.found.is_none() {
                    search.found = Some(Ambiguity::List { at: search.at() });
                }
                return IgnoredAny.visit_seq(seq).map(drop);
            }
            Member::Map | Member::Plain => return IgnoredAny.visit_seq(seq).map(drop),
        };
        for index in 0.. {
            search.at.push(Step::Index(index));
            let next = seq.next_element_seed(Known {
                member: Member::Object(names),
                search: &mut *search,
            })?;
            search.at.pop();
            if next.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// The name of a member that is known.
struct Name {
    meant: &'static str,
    /// What it is called, where that is not quite so.
    other: Option<String>,
}

struct Key(&'static Names);

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Option<(Name, Member)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = Option<(Name, Member)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let Some((meant, member)) = self.0.iter().find(|(known, _)| is_same(known, name)) else {
            return Ok(None);
        };
        let other = (*meant != name).then(|| name.to_owned());
        Ok(Some((Name { meant, other }, *member)))
    }
}

/// A name of any kind, where it stands if it can be read there.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// Whether Go's `encoding/json` takes one for the other: beside case it does not tell `ſ` from `s` and the sign for
/// kelvin from `k` (`foldName`).
fn is_same(known: &str, name: &str) -> bool {
    let fold = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    };
    known.chars().map(fold).eq(name.chars().map(fold))
}
