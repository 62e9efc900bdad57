//! Passes a body on as a bad line does: slowly, with pauses, with a wrong byte, or only in part.

use std::io::{self, Read, Write};
use std::time::Duration;

use super::gate::Gate;
use super::rule::{End, Fault, Way};
use crate::servers::http::{Framing, Stop};

pub struct Pipe<'a> {
    pub way: Way,
    pub faults: &'a [Fault],
    pub stop: &'a Stop,
    pub framing: Framing,
}

impl Pipe<'_> {
    /// Returns how the line ends where a fault ends it, after as many bytes as it says.
    pub fn pass(&self, from: &mut impl Read, to: &mut impl Write) -> io::Result<Option<End>> {
        let mut passed = 0;
        let mut stalls = self.stalls();
        let mut piece = vec![0; 64 << 10];
        loop {
            if let Some(end) = self.cut_at(passed) {
                to.flush()?;
                return Ok(Some(end));
            }
            stalls.retain(|(at, time)| {
                if *at == passed {
                    self.stop.pause(*time);
                }
                *at > passed
            });
            if let Some(gate) = self.gate() {
                gate.wait(self.stop);
            }
            let most = usize::try_from(self.next_place(passed) - passed).unwrap_or(usize::MAX);
            let limit = most.min(self.piece_length(piece.len()));
            let count = from.read(&mut piece[..limit])?;
            self.flip(&mut piece[..count], passed);
            if self.framing == Framing::Chunked {
                write!(to, "{count:x}\r\n")?;
                to.write_all(&piece[..count])?;
                to.write_all(b"\r\n")?;
            } else {
                to.write_all(&piece[..count])?;
            }
            if count == 0 {
                return Ok(None);
            }
            passed += count as u64;
            if let Some(gate) = self.gate() {
                gate.passed(count as u64);
            }
            if let Some(rate) = self.rate() {
                self.stop.pause(Duration::from_micros(count as u64 * 1_000_000 / rate));
            }
        }
    }

    fn cut_at(&self, passed: u64) -> Option<End> {
        self.faults.iter().find_map(|fault| match fault {
            Fault::Cut(way, after, end) if *way == self.way && *after == passed => Some(*end),
            _ => None,
        })
    }

    fn stalls(&self) -> Vec<(u64, Duration)> {
        let stalls = self.faults.iter().filter_map(|fault| match fault {
            Fault::Stall(way, after, time) if *way == self.way => Some((*after, *time)),
            _ => None,
        });
        stalls.collect()
    }

    fn gate(&self) -> Option<&Gate> {
        self.faults.iter().find_map(|fault| match fault {
            Fault::Gate(way, gate) if *way == self.way => Some(&**gate),
            _ => None,
        })
    }

    /// Where something happens next, so that a piece ends there.
    fn next_place(&self, passed: u64) -> u64 {
        let places = self.faults.iter().filter_map(|fault| match fault {
            Fault::Cut(way, after, _) | Fault::Stall(way, after, _) if *way == self.way => Some(*after),
            _ => None,
        });
        places.filter(|place| *place > passed).min().unwrap_or(u64::MAX)
    }

    fn rate(&self) -> Option<u64> {
        self.faults.iter().find_map(|fault| match fault {
            Fault::Rate(way, rate) if *way == self.way => Some(*rate),
            _ => None,
        })
    }

    /// Twenty pieces a second on a slow line, so that it is slow all the time.
    fn piece_length(&self, longest: usize) -> usize {
        let slow = self.rate().and_then(|rate| usize::try_from(rate / 20).ok());
        slow.unwrap_or(longest).clamp(1, longest)
    }

    fn flip(&self, piece: &mut [u8], passed: u64) {
        for fault in self.faults {
            if let Fault::Flip(way, at) = fault
                && *way == self.way
                && let Some(place) = at.checked_sub(passed)
                && let Some(byte) = usize::try_from(place).ok().and_then(|place| piece.get_mut(place))
            {
                *byte = !*byte;
            }
        }
    }
}
