//! Receive buffers that go back to their pool when they are dropped.

use std::ops::Deref;
use std::sync::Arc;

use crossbeam_queue::ArrayQueue;

/// The largest datagram that is received whole; what is longer is cut and then fails its checks.
pub(crate) const MAX_PACKET: usize = 2048;

/// What a voice needs at once, with some to spare. Joining takes more; thousands of connections need not keep those.
/// A buffer that finds the pool full is freed.
const POOL_CAPACITY: usize = 4;

/// Hands out buffers for received packets. They are allocated when first needed and then reused.
#[derive(Debug, Clone)]
pub(crate) struct PacketPool(Arc<ArrayQueue<Vec<u8>>>);

impl PacketPool {
    pub(crate) fn new() -> Self {
        Self(Arc::new(ArrayQueue::new(POOL_CAPACITY)))
    }

    /// Returns an empty buffer with room for [`MAX_PACKET`] bytes.
    pub(crate) fn take(&self) -> PacketBuffer {
        let bytes = self
            .0
            .pop()
            .unwrap_or_else(|| Vec::with_capacity(MAX_PACKET));
        PacketBuffer {
            bytes,
            pool: self.0.clone(),
        }
    }

    /// Returns a buffer holding a copy of `bytes`, cut at [`MAX_PACKET`].
    pub(crate) fn copy(&self, bytes: &[u8]) -> PacketBuffer {
        let mut buffer = self.take();
        buffer
            .bytes
            .extend_from_slice(&bytes[..bytes.len().min(MAX_PACKET)]);
        buffer
    }
}

/// One received packet; its memory returns to the pool on drop.
#[derive(Debug)]
pub(crate) struct PacketBuffer {
    bytes: Vec<u8>,
    pool: Arc<ArrayQueue<Vec<u8>>>,
}

impl PacketBuffer {
    /// The memory to receive into: empty, with room for [`MAX_PACKET`] bytes.
    pub(crate) fn storage(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }
}

impl Deref for PacketBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for PacketBuffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        // A full pool means a burst is over: the memory is freed.
        drop(self.pool.push(bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_buffer_is_used_again() {
        let pool = PacketPool::new();
        let first = pool.copy(b"first");
        let memory = first.as_ptr();

        drop(first);
        let second = pool.copy(b"second");

        assert_eq!(second.as_ptr(), memory);
        assert_eq!(&*second, b"second");
    }

    #[test]
    fn the_pool_keeps_no_more_than_its_capacity() {
        let pool = PacketPool::new();
        let burst: Vec<_> = (0..POOL_CAPACITY * 2).map(|_| pool.take()).collect();

        drop(burst);

        assert_eq!(pool.0.len(), POOL_CAPACITY);
    }
}
