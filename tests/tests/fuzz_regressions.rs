//! Inputs that the fuzz harness once found, and whether the harness itself is worth its time.

use std::time::Duration;
use tests::fuzz::{self, Random, TARGETS, mutate, regressions};

#[test]
fn what_once_failed_holds() {
    for target in TARGETS {
        for (name, input) in regressions::load(target).expect("the files can be read") {
            let result = fuzz::check(target, &input);
            assert!(result.is_ok(), "{} {name}: {}", target.name(), result.unwrap_err());
        }
    }
}

#[test]
fn inputs_follow_from_the_seed() {
    for target in TARGETS {
        let draw = || {
            let mut random = Random::new(7, 1);
            let (one, other) = (target.generate(&mut random), target.generate(&mut random));
            mutate::mutate(&one, &other, target.words(), &mut random)
        };
        assert_eq!(draw(), draw(), "{}", target.name());
    }
}

/// The grammars reach what they are for: each reader takes a good part of what they make, and every property holds.
#[test]
fn grammars_reach_behind_the_door() {
    for (target, word) in TARGETS.into_iter().zip(["accepted", "activity", "p", "end"]) {
        let mut random = Random::new(11, 0);
        let mut reached = 0;
        for _ in 0..200 {
            let input = target.generate(&mut random);
            let outcome = fuzz::check(target, &input);
            let outcome =
                outcome.unwrap_or_else(|problem| panic!("{}: {problem}: {}", target.name(), input.escape_ascii()));
            reached += usize::from(outcome.contains(word));
        }
        assert!(reached >= 20, "{}: {reached} of 200", target.name());
    }
}

/// A harness that could not find anything would be worth nothing: a reader with a known flaw is caught, and the input
/// comes out small.
#[test]
fn a_planted_flaw_is_found_and_made_small() {
    let reports = fuzz::run(&[&Planted], 5, Duration::from_secs(5), 1);
    let [finding] = &reports[0].findings[..] else { panic!("{:?}", reports[0].findings) };
    assert!(finding.problem.starts_with("panicked: a flaw"), "{}", finding.problem);
    assert_eq!(finding.input, b"ab!");
}

/// Panics where an exclamation mark stands behind a and b.
struct Planted;

impl fuzz::Target for Planted {
    fn name(&self) -> &'static str {
        "planted"
    }

    fn generate(&self, random: &mut Random) -> Vec<u8> {
        (0..20).map(|_| *random.pick(&[b"a", b"b", b"c"]).first().expect("a byte")).collect()
    }

    fn words(&self) -> &'static [&'static str] {
        &["!"]
    }

    fn check(&self, input: &[u8]) -> Result<fuzz::Outcome, String> {
        assert!(!input.windows(3).any(|part| part == b"ab!"), "a flaw");
        Ok(format!("{}", input.len()))
    }
}
