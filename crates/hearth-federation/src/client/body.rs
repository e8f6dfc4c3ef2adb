//! Reading an answer with a limit that counts what comes out of decompression (threats FO-12).

use bytes::{Bytes, BytesMut};

use super::{FetchError, Trouble};

/// Reads a body of at most `limit` bytes, and stops at the first byte too many.
pub(super) async fn read(mut response: reqwest::Response, limit: usize) -> Result<Bytes, FetchError> {
    let announced = response.content_length().unwrap_or(0);
    if announced > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(FetchError::TooLarge);
    }
    let mut collected = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| FetchError::Trouble(Trouble::of(&error)))? {
        if collected.len().saturating_add(chunk.len()) > limit {
            return Err(FetchError::TooLarge);
        }
        collected.extend_from_slice(&chunk);
    }
    Ok(collected.freeze())
}
