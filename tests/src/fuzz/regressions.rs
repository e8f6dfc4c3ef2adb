//! Inputs that once failed, as files: printable, one to a file, played again by `tests/tests/fuzz_regressions.rs`.

use super::Target;
use std::{fs, io, path::PathBuf};

/// The folder of a target.
#[must_use]
pub fn folder(target: &dyn Target) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz/regressions")).join(target.name())
}

/// All inputs of a target with their file names, in order.
///
/// # Errors
/// When a file cannot be read.
pub fn load(target: &dyn Target) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder(target)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let text = fs::read_to_string(entry.path())?;
        found.push((entry.file_name().to_string_lossy().into_owned(), unescape(text.trim_end_matches('\n'))));
    }
    found.sort();
    Ok(found)
}

/// Writes an input under a name that follows from it.
///
/// # Errors
/// When it cannot be written.
pub fn save(target: &dyn Target, input: &[u8]) -> io::Result<PathBuf> {
    let hash = input
        .iter()
        .fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3));
    fs::create_dir_all(folder(target))?;
    let path = folder(target).join(format!("{hash:016x}.txt"));
    fs::write(&path, format!("{}\n", escape(input)))?;
    Ok(path)
}

/// Printable ASCII. A line break that is no last one stays, so that lines can be read as lines.
fn escape(input: &[u8]) -> String {
    let body = input.len() - input.iter().rev().take_while(|byte| **byte == b'\n').count();
    let (lines, end) = input.split_at(body);
    let lines: Vec<String> = lines.split(|byte| *byte == b'\n').map(|line| line.escape_ascii().to_string()).collect();
    lines.join("\n") + &end.escape_ascii().to_string()
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'\\' => match rest.next() {
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b't') => b'\t',
                Some(b'x') => {
                    let digits: Vec<u8> = rest.by_ref().take(2).collect();
                    u8::from_str_radix(&String::from_utf8_lossy(&digits), 16).expect("two hexadecimal digits")
                }
                other => other.expect("something after a backslash"),
            },
            byte => byte,
        };
        bytes.push(byte);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_hold_any_bytes() {
        let every: Vec<u8> = (0..=255).chain(*b"\n\nline\r\n\\n\"'\n\n").collect();
        for input in [every.as_slice(), b"", b"\n", b"a\nb", b"a\n"] {
            assert_eq!(unescape(&escape(input)), input);
            assert!(escape(input).bytes().all(|byte| byte == b'\n' || byte.is_ascii_graphic() || byte == b' '));
        }
    }
}
