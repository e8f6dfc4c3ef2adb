//! Small changes to inputs: flips, cuts, repeats, splices, words, nesting, numbers, characters that disguise.

use super::Random;

/// The longest input made here, in bytes. Targets have their own limits, which some inputs should pass.
pub const MAX_INPUT: usize = 96 * 1024;

/// Text that readers stumble over.
const TRAPS: [&str; 26] = [
    "\0",
    "\r\n",
    "\r",
    "\n",
    "\t",
    "\u{b}",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\u{202e}",
    "\u{200b}",
    "\u{200d}",
    "\u{301}",
    "\u{e0041}",
    "\u{fffd}",
    "\u{1f469}\u{200d}\u{1f4bb}",
    "\u{212a}",
    "\u{130}",
    "\u{fdfa}",
    "ß",
    "é",
    "\\",
    "\"",
    "<",
    "&#0;",
    "%00",
];

/// Numbers at the ends of their types, and beside them.
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "-0",
    "1",
    "255",
    "65536",
    "2147483648",
    "4294967296",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1e308",
    "1e400",
    "99999999999999999999999999999999999999999",
];

/// One to four changes.
pub fn mutate(input: &[u8], other: &[u8], words: &[&str], random: &mut Random) -> Vec<u8> {
    let mut bytes = input.to_vec();
    for _ in 0..=random.below(4) {
        change(&mut bytes, other, words, random);
    }
    // Large inputs are slow, and few of them tell more than small ones.
    bytes.truncate(if random.one_in(40) { MAX_INPUT } else { MAX_INPUT / 16 });
    bytes
}

fn change(bytes: &mut Vec<u8>, other: &[u8], words: &[&str], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let range = at..bytes.len().min(at + 1 + random.small(64));
    match random.below(12) {
        0 => flip(bytes, random),
        1 => drop(bytes.drain(range)),
        2 => insert(bytes, at, &[random.byte()]),
        3 | 4 => insert(bytes, at, random.pick(words).as_bytes()),
        5 => insert(bytes, at, random.pick(&TRAPS).as_bytes()),
        6 => {
            let piece = bytes[range].to_vec();
            let times = if random.one_in(10) { 1 + random.below(400) } else { 1 + random.below(3) };
            insert(bytes, at, &piece.repeat(times));
        }
        7 => bytes.truncate(at),
        8 => number(bytes, random),
        9 => splice(bytes, other, random),
        10 => lines(bytes, random),
        _ => {
            // The same thing around itself again and again.
            let piece = random.pick(words).as_bytes();
            let times = if random.one_in(8) { 200 } else { 1 + random.below(6) };
            insert(bytes, at, &piece.repeat(times));
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    if bytes.len() + piece.len() <= MAX_INPUT {
        bytes.splice(at..at, piece.iter().copied());
    }
}

fn flip(bytes: &mut [u8], random: &mut Random) {
    let at = random.below(bytes.len());
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << random.below(8);
    }
}

/// Another number in the place of one that stands there.
fn number(bytes: &mut Vec<u8>, random: &mut Random) {
    let from = random.below(bytes.len() + 1);
    let Some(start) = bytes[from..].iter().position(u8::is_ascii_digit).map(|at| from + at) else { return };
    let length = bytes[start..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.splice(start..start + length, random.pick(&NUMBERS).bytes());
}

/// The beginning of one and the end of another.
fn splice(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    bytes.truncate(random.below(bytes.len() + 1));
    bytes.extend_from_slice(&other[random.below(other.len() + 1)..]);
}

/// A line twice, gone, or in another place.
fn lines(bytes: &mut Vec<u8>, random: &mut Random) {
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    if lines.is_empty() {
        return;
    }
    let (from, to) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(3) {
        0 => lines.insert(to, lines[from].clone()),
        1 => drop(lines.remove(from)),
        _ => lines.swap(from, to),
    }
    *bytes = lines.concat();
}
