//! What becomes of a delivery: answers, waiting times, and hosts that fail.

use std::time::Duration;

use super::*;
use crate::{client::Trouble, origin::OriginError, signing::testkeys::now};

/// Chance in the middle: hardly any jitter.
struct Middle;
impl Entropy for Middle {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0x80);
    }
}

fn delivery(attempts: i32, last_result: Option<&str>, age: TimeDelta) -> Delivery {
    Delivery {
        id: 1,
        activity_id: 1.try_into().unwrap(),
        object_ap_id: String::new(),
        host: "elm.test".into(),
        inbox: "https://elm.test/inbox".into(),
        state: DeliveryState::Leased,
        attempts,
        due_at: now().into(),
        lease_until: None,
        last_result: last_result.map(str::to_owned),
        created_at: (now() - age).into(),
    }
}

#[track_caller]
fn check(delivery: &Delivery, outcome: Sent, expected: &str, sign: HostSign) {
    let (verdict, found) = judge(delivery, outcome, now(), &Middle);
    let text = match verdict {
        Verdict::Done => "done accepted".to_owned(),
        Verdict::Dead(class) => format!("dead {class}"),
        Verdict::NotOurs => "not ours".to_owned(),
        Verdict::Again(at, class) => {
            format!("in {} min {class}", (at.signed_duration_since(now()).num_seconds() + 10) / 60)
        }
    };
    assert_eq!((text.as_str(), found), (expected, sign));
}

#[test]
fn what_each_outcome_means() {
    use HostSign::{Alive, Failed, Nothing};
    let hour = TimeDelta::hours(1);
    let fresh = |attempts| delivery(attempts, None, hour);
    let retry = |why| Sent::Retry { after: None, why };
    check(&fresh(1), Sent::Accepted, "done accepted", Alive);
    check(&fresh(1), Sent::Gone, "dead gone", Alive);
    check(&fresh(1), Sent::Refused(413), "dead refused 413", Alive);
    check(&fresh(1), Sent::Forbidden(OriginError::Scheme), "dead forbidden", Nothing);
    check(&fresh(2), retry(RetryReason::Status(503)), "in 2 min status 503", Failed(None));
    check(&fresh(3), retry(RetryReason::Trouble(Trouble::Dns)), "in 10 min dns", Failed(None));
    check(&fresh(20), retry(RetryReason::Redirect), "in 720 min redirect", Failed(None));
    check(&fresh(1), retry(RetryReason::Signing), "in 0 min signing", Nothing);
    let pause = Sent::Retry { after: Some(Duration::from_secs(3_600)), why: RetryReason::Status(429) };
    check(&fresh(1), pause, "in 60 min status 429", Failed(Some(hour)));
    let old = delivery(15, None, TimeDelta::hours(7 * 24 - 1));
    check(&old, retry(RetryReason::Status(500)), "dead too_old status 500", Failed(None));
    check(&fresh(9), retry(RetryReason::Missing), "in 120 min missing 1", Nothing);
    check(&delivery(9, Some("missing 1"), hour), retry(RetryReason::Missing), "in 120 min missing 2", Nothing);
    check(&delivery(9, Some("missing 2"), hour), retry(RetryReason::Missing), "dead missing 3", Nothing);
    check(&delivery(9, Some("status 502"), hour), retry(RetryReason::Missing), "in 120 min missing 1", Nothing);
}
