//! Making a failing input small: ever smaller pieces are taken out as long as it still fails.

use super::{Target, check};
use std::time::{Duration, Instant};

/// How long one input is worked on.
const PATIENCE: Duration = Duration::from_secs(20);

/// The smallest input found that still fails, and how.
pub fn shrink(target: &dyn Target, input: &[u8], problem: String) -> (Vec<u8>, String) {
    let fails = |candidate: &[u8]| check(target, candidate).err();
    smaller(input, problem, fails, Instant::now() + PATIENCE)
}

fn smaller(
    input: &[u8],
    mut problem: String,
    fails: impl Fn(&[u8]) -> Option<String>,
    until: Instant,
) -> (Vec<u8>, String) {
    let mut best = input.to_vec();
    let mut piece = best.len().div_ceil(2);
    while piece > 0 {
        let mut at = 0;
        let before = best.len();
        while at < best.len() && Instant::now() < until {
            let end = best.len().min(at + piece);
            let candidate = [&best[..at], &best[end..]].concat();
            match fails(&candidate) {
                Some(still) => (best, problem) = (candidate, still),
                None => at += piece,
            }
        }
        // A piece that could not go before may go now that others are gone.
        piece = if piece == 1 && best.len() < before { 1 } else { piece / 2 };
        if Instant::now() >= until {
            break;
        }
    }
    (best, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_goes() {
        let fails = |bytes: &[u8]| {
            let needed = bytes.contains(&b'x') && bytes.windows(2).any(|pair| pair == b"yz");
            needed.then(|| "bad".to_owned())
        };
        let input = [b"a".repeat(1000), b"x".to_vec(), b"b".repeat(777), b"yz".to_vec()].concat();
        let (small, problem) = smaller(&input, "first".to_owned(), fails, Instant::now() + PATIENCE);
        assert_eq!((small.as_slice(), problem.as_str()), (b"xyz".as_slice(), "bad"));
    }
}
