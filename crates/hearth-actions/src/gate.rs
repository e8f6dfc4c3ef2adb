//! How much heavy work goes on at once. Who comes later waits in line.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Lets so many in at once.
#[derive(Debug)]
pub(crate) struct Gate {
    most: usize,
    busy: Mutex<usize>,
    free: Condvar,
}

/// Somebody is in for as long as this is held.
#[derive(Debug)]
pub(crate) struct Pass(Arc<Gate>);

impl Gate {
    /// For so many at once.
    pub(crate) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, busy: Mutex::new(0), free: Condvar::new() })
    }

    /// Waits until there is room, however long that takes.
    pub(crate) fn enter(self: &Arc<Self>) -> Pass {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let mut busy = self.free.wait_while(busy, |busy| *busy >= self.most).unwrap_or_else(PoisonError::into_inner);
        *busy += 1;
        Pass(self.clone())
    }

    /// The same for no longer than this; `None` when there was no room.
    pub(crate) fn enter_within(self: &Arc<Self>, patience: Duration) -> Option<Pass> {
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.free.wait_timeout_while(busy, patience, |busy| *busy >= self.most);
        let (mut busy, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() {
            return None;
        }
        *busy += 1;
        Some(Pass(self.clone()))
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        *self.0.busy.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.free.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_so_many_at_once() {
        let gate = Gate::new(1);
        let inside = gate.enter();
        assert!(gate.enter_within(Duration::ZERO).is_none());
        drop(inside);
        assert!(gate.enter_within(Duration::ZERO).is_some());
        // Somebody who falls over inside leaves too.
        let falls = gate.clone();
        let fell = std::thread::spawn(move || {
            let _inside = falls.enter();
            panic!("on purpose");
        });
        assert!(fell.join().is_err() && gate.enter_within(Duration::ZERO).is_some());
    }
}
