//! The rules of the community: pure, without input or output.
