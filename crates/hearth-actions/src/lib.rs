//! Everything people and servers can do: one action, one transaction.
